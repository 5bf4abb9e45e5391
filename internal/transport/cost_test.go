//go:build !race

package transport

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The race detector allocates and locks on its own, so these tests do without.

func TestCallAllocatesLittleMoreThanAPlainClient(t *testing.T) {
	const most = 8 // it is 2; with the decoder of a coming Go, which makes the plain client cheaper, 7
	count := func(call func(context.Context) error) float64 {
		return testing.AllocsPerRun(200, func() {
			if err := call(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	assert.LessOrEqual(t, count(ours(t))-count(plainHTTP()), float64(most))
}

// A crowd shares one client, and none waits for another: the profile of waiting
// for locks has nothing of this package.
func TestCallsShareNoLock(t *testing.T) {
	before := runtime.SetMutexProfileFraction(1)
	defer runtime.SetMutexProfileFraction(before)
	call := ours(t)
	var callers sync.WaitGroup
	for range crowd {
		callers.Go(func() {
			for range 20 {
				assert.NoError(t, call(context.Background()))
			}
		})
	}
	callers.Wait()
	assert.Empty(t, waits())
}

// waits returns the functions of this package that have let others wait for a
// lock of package sync. Those of the allocator are nobody's business.
func waits() (names []string) {
	records := make([]runtime.BlockProfileRecord, 10_000)
	n, _ := runtime.MutexProfile(records)
	for _, record := range records[:n] {
		frames, lock, name := runtime.CallersFrames(record.Stack()), false, ""
		for more := true; more; {
			var frame runtime.Frame
			frame, more = frames.Next()
			lock = lock || strings.Contains(frame.Function, "Mutex).Unlock")
			if name == "" && strings.Contains(frame.Function, "/transport.") && !strings.Contains(frame.File, "_test.go") {
				name = frame.Function
			}
		}
		if lock && name != "" {
			names = append(names, name)
		}
	}
	return names
}
