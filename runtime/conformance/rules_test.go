package conformance

import (
	"slices"
	"testing"
)

// checks are all cases but those of the vectors.
func checks() []check {
	return slices.Concat(vectorChecks(), requestChecks(), opening, upgradeRequestChecks(), upgradeAnswers,
		payloadChecks(), pollingCases, pollingEndings,
		badFrameChecks(), webSocketCases,
		conversations(&steady, EnginePath, []kind{overWebSocket, overUpgrade}, engineSays),
		upgradeCases, badFirstChecks(), heartbeatCases, corsChecks(),
		conversations(&steady, SocketPath, everyKind, packetSays),
		conversations(&steady, SocketPath, everyKind, namespaceSays),
		connectCases, eventCases, emitChecks(), endedChecks(), transcripts)
}

func TestRules(t *testing.T) {
	for _, c := range checks() {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t)
		})
	}
}
