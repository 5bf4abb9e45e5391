package bench

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

var sink []byte

func allocate(size int) func(int) {
	return func(n int) {
		for range n {
			sink = make([]byte, size)
		}
	}
}

func TestMeasureCountsWhatIsAllocated(t *testing.T) {
	c := measure(allocate(1<<10), 1000)
	assert.InDelta(t, 1000, float64(c.allocs), 50)
	assert.InDelta(t, 1000<<10, float64(c.bytes), 50<<10)
	assert.Positive(t, c.time)
}

func TestMedianIsTheMiddleOfTheRounds(t *testing.T) {
	rounds := [][]cost{{{bytes: 9}}, {{bytes: 1}}, {{bytes: 4}}}
	assert.InDelta(t, 4, median(rounds, func(r []cost) float64 { return float64(r[0].bytes) }), 0)
}

// BenchmarkCompare compares a thing with the double of it: the ratio of bytes
// shows that the harness works.
func BenchmarkCompare(b *testing.B) {
	Compare(b, Contestant{"one", allocate(4 << 10)}, Contestant{"double", allocate(8 << 10)})
}
