// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// checks are all cases but those about order, which are tests of their own.
func checks() []check {
	return slices.Concat(
		vectorChecks(),
		requestChecks(), opening, upgradeRequestChecks(), upgradeAnswers,
		payloadChecks(), pollingCases, pollingEndings,
		badFrameChecks(), webSocketCases,
		conversations(&steady, EnginePath, []kind{overWebSocket, overUpgrade}, engineSays),
		upgradeCases, badFirstChecks(), heartbeatCases, corsChecks(),
		conversations(&steady, SocketPath, everyKind, packetSays),
		conversations(&steady, SocketPath, everyKind, namespaceSays),
		connectCases, eventCases, emitChecks(), endedChecks(), recoveryCases, transcripts)
}

func TestRules(t *testing.T) {
	for _, c := range checks() {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}

// sections are those of docs/protocol.md, about, each with its first rule.
var sections = []struct {
	name  string
	first int
}{
	{"1 URL, query string and routing", 1},
	{"2 Verification of an incoming request", 7},
	{"3 Opening a session", 25},
	{"4 Engine.IO packets", 33},
	{"5 HTTP long-polling", 50},
	{"6 WebSocket transport", 68},
	{"7 Upgrade from polling to WebSocket", 80},
	{"8 Heartbeat", 101},
	{"9 Ending a session", 110},
	{"10 Send side", 117},
	{"11 HTTP details", 123},
	{"12 WebTransport", 131},
	{"13 Socket.IO packet format", 137},
	{"14 Connecting to namespaces", 157},
	{"15 Events and acks", 174},
	{"16 Disconnecting", 192},
	{"17 Binary events and acks", 202},
	{"18 Connection state recovery", 221},
	{"19 JSON encoding", 236},
	{"20 Server rules for concurrency", 246},
	{"22 What the official client does", 254},
}

// lastRule is the last one of docs/protocol.md.
const lastRule = 296

var ruleName = regexp.MustCompile(`^R(\d+)$`)

// sectionOf returns where a case belongs.
func sectionOf(rule string) string {
	if m := ruleName.FindStringSubmatch(rule); m != nil {
		number, _ := strconv.Atoi(m[1]) // digits
		for _, s := range slices.Backward(sections) {
			if number >= s.first {
				return s.name
			}
		}
	}
	switch rule[0] {
	case 'V':
		return "24 Test vectors"
	case 'B':
		return "Transcripts"
	case 'D':
		return "Mistakes of other servers"
	}
	return "21 Limits and abuse"
}

// leftOut are the rules that the package's documentation lists as being without a
// case.
func leftOut(t *testing.T) map[int]bool {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, list, found := strings.Cut(string(doc), "// # Rules without a case\n")
	list, _, more := strings.Cut(list, "// Of the mistakes")
	if !found || !more {
		t.Fatal("doc.go has no list of rules without a case")
	}
	numbers := map[int]bool{}
	for _, item := range strings.Split(list, "//   - ")[1:] {
		names, _, _ := strings.Cut(item, ":")
		for _, part := range strings.Split(names, ",") {
			var first, last int
			switch n, _ := fmt.Sscanf(strings.TrimSpace(part), "R%d to R%d", &first, &last); n {
			case 1:
				last = first
			case 0:
				t.Fatalf("doc.go: %q is no rule", part)
			}
			for i := first; i <= last; i++ {
				numbers[i] = true
			}
		}
	}
	return numbers
}

func TestEveryRuleHasACaseOrAReason(t *testing.T) {
	out := leftOut(t)
	count := map[string]int{}
	for _, c := range checks() {
		count[c.rule]++
	}
	for i := range lastRule {
		switch rule := fmt.Sprintf("R%d", i+1); {
		case count[rule] == 0 && !out[i+1]:
			t.Errorf("%s has no case, and doc.go gives no reason", rule)
		case count[rule] > 0 && out[i+1]:
			t.Errorf("%s has a case, but doc.go says that it has none", rule)
		}
	}
	want := []string{"B1", "B2", "B3"}
	for _, r := range [][2]int{{1, 15}, {20, 50}, {60, 81}, {90, 114}, {120, 127}} {
		for i := r[0]; i <= r[1]; i++ {
			want = append(want, fmt.Sprintf("V%d", i))
		}
	}
	for i := 1; i <= 18; i++ {
		if i != 13 {
			want = append(want, fmt.Sprintf("D%d", i))
		}
	}
	want = append(want, "CVE-2020-36048", "CVE-2020-36049", "CVE-2020-28481", "CVE-2022-21676", "CVE-2022-41940", "CVE-2023-31125",
		"CVE-2022-2421", "CVE-2023-32695", "CVE-2024-38355", "CVE-2024-37890", "CVE-2026-33151", "CVE-2021-32640",
		"CVE-2026-45736", "CVE-2026-48779", "GHSA-55mf-67qm-4wpg")
	for _, name := range want {
		if count[name] == 0 {
			t.Errorf("%s has no case", name)
		}
	}
}

func TestNamesOfCasesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range checks() {
		name := c.rule + "/" + c.name
		if seen[name] {
			t.Errorf("two cases are called %s", name)
		}
		seen[name] = true
	}
}

// TestCount prints how many cases each section has.
func TestCount(t *testing.T) {
	count := map[string]int{}
	for _, c := range checks() {
		count[sectionOf(c.rule)]++
	}
	total := 0
	var table strings.Builder
	for _, name := range slices.SortedFunc(maps.Keys(count), compareSections) {
		fmt.Fprintf(&table, "%6d  %s\n", count[name], name)
		total += count[name]
	}
	t.Logf("cases for each section of the protocol:\n%s%6d  together", &table, total)
	if total < 500 {
		t.Errorf("%d cases: a table is not part of checks", total)
	}
}

// compareSections sorts by the number in front.
func compareSections(a, b string) int {
	number := func(s string) int {
		n := 1000
		fmt.Sscanf(s, "%d", &n)
		return n
	}
	if d := number(a) - number(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}
