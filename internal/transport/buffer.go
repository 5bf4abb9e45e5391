package transport

import "sync"

// buffer is room for the body of one answer. After a success nothing needs it
// any more, since decoding copies what it keeps, and the next answer gets it;
// a failure may keep parts of its body, so there it is left to the collector.
type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// largestKept is the size up to which buffers are worth keeping.
const largestKept = 1 << 20

// giveBack clears the buffer, so that no key lingers in it, and whoever has kept
// a part after all notices at once.
func (b *buffer) giveBack() {
	clear(b.bytes)
	if cap(b.bytes) <= largestKept {
		buffers.Put(b)
	}
}
