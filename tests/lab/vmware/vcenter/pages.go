package main

import (
	"strconv"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// The simulator makes a collector of its own for each session, so what holds for all of them is here.
var (
	// pageSize is how many objects go into one answer; 0 is all.
	pageSize int
	// versioned says whether machines have a version of their configuration, as those of a vCenter.
	versioned bool
)

// propertyCollector is the simulator's, but makes pages.
type propertyCollector struct {
	simulator.PropertyCollector
	waiting map[string][]types.ObjectContent
	pages   int
}

func simulateProperties() {
	for _, object := range []types.ManagedObjectReference{
		{Type: "PropertyCollector", Value: "propertyCollector"},
		{Type: "PropertyCollector", Value: "ha-property-collector"},
	} {
		if original, ok := simulator.Map.Get(object).(*simulator.PropertyCollector); ok {
			simulator.Map.Put(&propertyCollector{PropertyCollector: *original})
		}
	}
}

// RetrievePropertiesEx answers with the first page.
func (p *propertyCollector) RetrievePropertiesEx(ctx *simulator.Context, req *types.RetrievePropertiesEx) soap.HasFault {
	if versioned {
		versionMachines()
	}
	body := p.PropertyCollector.RetrievePropertiesEx(ctx, req)
	if found, ok := body.(*methods.RetrievePropertiesExBody); ok && found.Res != nil && found.Res.Returnval != nil {
		*found.Res.Returnval = p.page(found.Res.Returnval.Objects)
	}
	return body
}

// ContinueRetrievePropertiesEx answers with the next one. A token is good for once.
func (p *propertyCollector) ContinueRetrievePropertiesEx(ctx *simulator.Context, req *types.ContinueRetrievePropertiesEx) soap.HasFault {
	body := &methods.ContinueRetrievePropertiesExBody{}
	rest, known := p.waiting[req.Token]
	delete(p.waiting, req.Token)
	if !known {
		body.Fault_ = simulator.Fault("", &types.InvalidArgument{InvalidProperty: "token"})
		return body
	}
	body.Res = &types.ContinueRetrievePropertiesExResponse{Returnval: p.page(rest)}
	return body
}

func (p *propertyCollector) page(objects []types.ObjectContent) types.RetrieveResult {
	if pageSize == 0 || len(objects) <= pageSize {
		return types.RetrieveResult{Objects: objects}
	}
	if p.waiting == nil {
		p.waiting = map[string][]types.ObjectContent{}
	}
	p.pages++
	token := strconv.Itoa(p.pages)
	p.waiting[token] = objects[pageSize:]
	return types.RetrieveResult{Token: token, Objects: objects[:pageSize]}
}

// versionMachines makes of the time of a change, which is what the simulator has, a version; a vCenter has no such time.
func versionMachines() {
	never := time.Unix(0, 0).UTC()
	for _, one := range simulator.Map.All("VirtualMachine") {
		machine := one.(*simulator.VirtualMachine)
		simulator.Map.WithLock(machine, func() {
			if changed := machine.Config.Modified; !changed.Equal(never) {
				machine.Config.ChangeVersion = changed.UTC().Format(time.RFC3339Nano)
				machine.Config.Modified = never
			}
		})
	}
}
