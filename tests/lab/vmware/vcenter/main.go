// Serves govmomi's simulator of a vCenter or an ESX host: by TLS, with the lab's numbers, and badly when told so.
//
// What the simulator does otherwise than a server is put right here as far as tests rest on it: exact samples, none of
// an instance that there is not or of a machine that is off, a fault for one that was destroyed or a session that ended;
// pages, and a vCenter's versions of configurations.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sort"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// Seed is what the lab wants to be told.
type Seed struct {
	HostMemoryMB, BalloonedMemoryMB int32
	// By counter and instance. Machine number n has n more; -1 is -1 for all.
	Perf map[string]map[string]int64
	// Notes of the machine with that name, and what a network service calls the port of its card.
	Annotations, Ports map[string]string
}

func main() {
	esx := flag.Bool("esx", false, "an ESX host instead of a vCenter")
	machines := flag.Int("machines", 4, "how many virtual machines, of which the last is a template")
	flag.IntVar(&pageSize, "page", 0, "how many objects go into one answer with properties; 0 is all")
	listen := flag.String("listen", "127.0.0.1:0", "where to listen")
	user := flag.String("user", "reader", "who may log in; the password is in VCENTER_PASSWORD")
	certificate := flag.String("certificate", "", "file")
	key := flag.String("key", "", "file")
	seedFile := flag.String("seed", "", "file")
	calls := flag.String("calls", "", "file for a line per call")
	flag.Parse()
	log.SetOutput(os.Stderr)

	var seed Seed
	text, err := os.ReadFile(*seedFile)
	must(err)
	must(json.Unmarshal(text, &seed))

	model := simulator.VPX()
	model.Cluster = 0
	if *esx {
		model = simulator.ESX()
	}
	model.Host = 1
	model.Machine = *machines
	must(model.Create())
	defer model.Remove()
	numbers := prepare(&seed)
	simulatePerf(&seed, numbers)
	versioned = !*esx
	simulateProperties()

	pair, err := tls.LoadX509KeyPair(*certificate, *key)
	must(err)
	service := model.Service
	service.Listen = &url.URL{User: url.UserPassword(*user, os.Getenv("VCENTER_PASSWORD"))}
	service.RegisterSDK(simulator.Map)
	front, err := newFront(service.ServeMux, *calls)
	must(err)
	listener, err := net.Listen("tcp", *listen)
	must(err)
	server := &http.Server{Handler: front, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}}}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go exitWithParent()
	log.Fatal(server.ServeTLS(listener, "", ""))
}

// prepare seeds every machine and returns its number by its reference's value.
func prepare(seed *Seed) map[string]int64 {
	var found []*simulator.VirtualMachine
	for _, one := range simulator.Map.All("VirtualMachine") {
		found = append(found, one.(*simulator.VirtualMachine))
	}
	sort.Slice(found, func(a, b int) bool {
		first, second := found[a].Name, found[b].Name
		return len(first) < len(second) || len(first) == len(second) && first < second
	})
	numbers := map[string]int64{}
	booted := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for number, machine := range found {
		numbers[machine.Self.Value] = int64(number)
		machine.Summary.QuickStats.HostMemoryUsage = seed.HostMemoryMB + int32(number)
		machine.Summary.QuickStats.BalloonedMemory = seed.BalloonedMemoryMB
		machine.Config.Annotation = seed.Annotations[machine.Name]
		machine.Runtime.BootTime = &booted
		machine.Config.Hardware.Device = ownCards(machine.Config.Hardware.Device, number, seed.Ports[machine.Name])
	}
	template := found[len(found)-1]
	template.Config.Template = true
	template.Runtime.PowerState = types.VirtualMachinePowerStatePoweredOff
	return numbers
}

// ownCards returns devices with cards of this machine's alone: the simulator gives all machines one and the same.
func ownCards(devices []types.BaseVirtualDevice, number int, port string) []types.BaseVirtualDevice {
	var own []types.BaseVirtualDevice
	for _, device := range devices {
		if shared, ok := device.(*types.VirtualE1000); ok {
			card := *shared
			card.MacAddress = fmt.Sprintf("00:50:56:00:%02x:%02x", number>>8, number&0xff)
			card.ExternalId = port
			device = &card
		}
		own = append(own, device)
	}
	return own
}

func exitWithParent() {
	parent := os.Getppid()
	for os.Getppid() == parent {
		time.Sleep(200 * time.Millisecond)
	}
	os.Exit(0)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
