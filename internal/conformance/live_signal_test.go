package conformance

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
)

// The test as people run it, in a process of its own and with all vendors in its
// environment, clears up when a signal ends it.
func TestLiveEndsWithASignal(t *testing.T) {
	t.Parallel()
	u := newUnderstudy(t)
	u.Inject(mockserver.Fault{Op: mockserver.AnyOp, Do: mockserver.Latency(10 * time.Millisecond)}) // to be there when the signal comes
	var printed bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLive$", "-test.v")
	cmd.Stdout, cmd.Stderr = &printed, &printed
	cmd.Env = os.Environ()
	var secrets []string
	for _, v := range liveVendors() {
		for name, value := range u.plan[v.name] {
			cmd.Env = append(cmd.Env, v.variable(name)+"="+value)
		}
		secrets = append(secrets, v.secrets(u.plan[v.name])...)
	}
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	require.Eventually(t, func() bool { return len(u.Effects()) > u.began+50 }, time.Minute, time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Error(t, <-ended, "a run that was ended has failed")
	text := printed.String()
	for _, v := range liveVendors() {
		assert.Contains(t, text, "--- FAIL: TestLive/"+v.name)
	}
	assert.Equal(t, 4, strings.Count(text, "  the run was ended before: "))
	assert.NotContains(t, text, "STILL THERE")
	assertHides(t, secrets, text)
	u.assertUntouched(t)
}
