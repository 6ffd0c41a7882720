// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// The sites that all cases share. They are set before the first test runs.
var (
	suite  *site // as the published suites want it: heartbeats every 300 ms
	lively *site // the same heartbeats, and time to answer them on a busy machine
	steady *site // without heartbeats during a test
	small  *site // at most 100 bytes, a hook that refuses, no CORS
	hasty  *site // short connect and upgrade timeouts
	// recovering is steady with connection state recovery
	recovering *site
)

// deny is the hook of small.
func deny(r *http.Request) error {
	switch r.URL.Query().Get("deny") {
	case "":
		return nil
	case "text":
		return &engineio.RequestError{Message: "Thou shall not pass"}
	}
	return errors.New("not today")
}

func TestMain(m *testing.M) {
	flag.Parse()
	// Cases wait more than they compute.
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = f.Value.Set("24")
	}
	os.Exit(runOnSites(m))
}

func runOnSites(m *testing.M) int {
	all := engineio.CORS{Origins: []string{"*"}}
	sites := []struct {
		site **site
		cfg  Config
	}{
		{&suite, SuiteConfig()},
		{&lively, Config{PingInterval: 300 * time.Millisecond}},
		{&steady, Config{CORS: all}},
		{&small, Config{MaxPayload: 100, AllowRequest: deny}},
		{&recovering, Config{Recovery: &socketio.Recovery{}}},
		{&hasty, Config{ConnectTimeout: time.Second, UpgradeTimeout: time.Second, CORS: all}},
	}
	for _, s := range sites {
		site, err := serve(s.cfg)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		*s.site = site
		close(site.gateOf("open"))
	}
	status := m.Run()
	for _, s := range sites {
		if err := (*s.site).stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop:", err)
			status = 1
		}
	}
	if err := goleak.Find(); err != nil && status == 0 {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	return status
}
