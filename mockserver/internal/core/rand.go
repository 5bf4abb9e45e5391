package core

import (
	"encoding/hex"
	"math/rand/v2"
	"sync"
)

// Rand is a world's randomness: deterministic for a seed, and independent of
// what the other vendors of the same server draw. Reads that are served side by side
// may draw from it.
type Rand struct {
	*rand.Rand
	source source
}

// source is what is drawn from.
type source struct {
	mu  sync.Mutex
	pcg rand.PCG
}

func (s *source) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pcg.Uint64()
}

// NewRand returns the randomness of one vendor for a seed.
func NewRand(seed uint64, vendor string) *Rand {
	var stream uint64 = 14695981039346656037 // FNV-1a over the name
	for _, b := range []byte(vendor) {
		stream = (stream ^ uint64(b)) * 1099511628211
	}
	r := &Rand{}
	r.source.pcg.Seed(seed, stream)
	r.Rand = rand.New(&r.source)
	return r
}

// State takes down what will be drawn next.
func (r *Rand) State() []byte {
	state, err := r.source.pcg.MarshalBinary()
	if err != nil {
		panic("core: " + err.Error()) // a PCG has a state at any time
	}
	return state
}

// RandAt returns the randomness that goes on from a State.
func RandAt(state []byte) (*Rand, error) {
	r := &Rand{}
	if err := r.source.pcg.UnmarshalBinary(state); err != nil {
		return nil, err
	}
	r.Rand = rand.New(&r.source)
	return r, nil
}

// UUID returns a random UUID of version 4 in lower case.
func (r *Rand) UUID() string {
	b := r.bytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// Hex returns n random bytes as lower-case hexadecimal digits, two each.
func (r *Rand) Hex(n int) string { return hex.EncodeToString(r.bytes(n)) }

// Digits returns n random decimal digits.
func (r *Rand) Digits(n int) string {
	digits := make([]byte, n)
	for i := range digits {
		digits[i] = '0' + byte(r.IntN(10))
	}
	return string(digits)
}

func (r *Rand) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}
