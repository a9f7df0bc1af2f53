package main

import (
	"fmt"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const window = 20

// perfManager is the simulator's, but for its samples.
type perfManager struct {
	simulator.PerformanceManager
	names   map[int32]string
	seed    *Seed
	numbers map[string]int64
}

func simulatePerf(seed *Seed, numbers map[string]int64) {
	for _, object := range []types.ManagedObjectReference{
		{Type: "PerformanceManager", Value: "PerfMgr"},
		{Type: "PerformanceManager", Value: "ha-perfmgr"},
	} {
		original, ok := simulator.Map.Get(object).(*simulator.PerformanceManager)
		if !ok {
			continue
		}
		names := map[int32]string{}
		for _, counter := range original.PerfCounter {
			name := fmt.Sprintf("%s.%s.%s", counter.GroupInfo.GetElementDescription().Key,
				counter.NameInfo.GetElementDescription().Key, counter.RollupType)
			names[counter.Key] = name
		}
		simulator.Map.Put(&perfManager{*original, names, seed, numbers})
	}
}

// QueryPerf answers from the seed.
func (p *perfManager) QueryPerf(ctx *simulator.Context, req *types.QueryPerf) soap.HasFault {
	body := &methods.QueryPerfBody{Res: new(types.QueryPerfResponse)}
	for _, spec := range req.QuerySpec {
		machine, ok := simulator.Map.Get(spec.Entity).(*simulator.VirtualMachine)
		if !ok {
			fault := &types.ManagedObjectNotFound{Obj: spec.Entity}
			body.Fault_ = simulator.Fault("The object has already been deleted or has not been completely created", fault)
			return body
		}
		if machine.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
			body.Res.Returnval = append(body.Res.Returnval, p.sample(spec))
		}
	}
	return body
}

func (p *perfManager) sample(spec types.PerfQuerySpec) *types.PerfEntityMetric {
	found := &types.PerfEntityMetric{}
	found.Entity = spec.Entity
	// The last window that is over: a host's are as long as each other, and follow each other.
	ended := time.Now().UTC().Truncate(window * time.Second)
	found.SampleInfo = []types.PerfSampleInfo{{Timestamp: ended, Interval: window}}
	for _, metric := range spec.MetricId {
		value, known := p.seed.Perf[p.names[metric.CounterId]][metric.Instance]
		if !known {
			continue
		}
		if value >= 0 {
			value += p.numbers[spec.Entity.Value]
		}
		series := &types.PerfMetricIntSeries{Value: []int64{value}}
		series.Id = metric
		found.Value = append(found.Value, series)
	}
	return found
}
