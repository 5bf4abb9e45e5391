package conformance

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
)

// soakFault is what befalls one request; the zero value is nothing.
type soakFault struct {
	outage  outage
	phase   mockserver.Phase
	do      mockserver.Action
	page    bool // somebody on the way answers with a page of their own and status 200, and sends nothing on
	hollow  bool // a success comes as an empty object
	givesUp bool // the caller does, after patience
	cuts    bool // the connection ends without an answer
}

// Failures before a request is carried out.
var soakBefore = []soakFault{
	{do: mockserver.Status(408)},
	{do: mockserver.Status(429)},
	{do: mockserver.RateLimited(3 * time.Second)},
	{do: mockserver.RateLimited(time.Hour)},
	{do: mockserver.Status(500)},
	{do: mockserver.Status(501)},
	{do: mockserver.HTMLPage(502)},
	{do: mockserver.Status(503)},
	{do: mockserver.Status(503).WithHeader("Retry-After", "2")},
	{do: mockserver.HTMLPage(403)},
	{do: mockserver.ConnReset(), cuts: true},
	{do: mockserver.ConnReset(), cuts: true},
	{do: mockserver.ConnClose(), cuts: true},
	{do: mockserver.Hang()},
	{do: mockserver.Hang(), givesUp: true},
	{do: soakLate},
	{do: mockserver.Redirect("https://elsewhere.example/keys")},
	{page: true},
}

// Failures after it was. A rate limit is none of them: see the soak's manual.
var soakAfter = []soakFault{
	{do: mockserver.Status(408)},
	{do: mockserver.Status(500)},
	{do: mockserver.HTMLPage(502)},
	{do: mockserver.Status(503)},
	{do: mockserver.ConnReset(), cuts: true},
	{do: mockserver.ConnReset(), cuts: true},
	{do: mockserver.ConnClose(), cuts: true},
	{do: mockserver.Hang()},
	{do: mockserver.Hang(), givesUp: true},
	{do: soakLate},
	{do: mockserver.CutBody()},
	{do: mockserver.GarbageBody()},
	{do: mockserver.EmptyBody()},
	{do: mockserver.Oversized(maxAnswer + 1)},
	{do: mockserver.ContentType("text/html")},
	{hollow: true},
	{do: mockserver.Redirect("https://elsewhere.example/keys")},
}

// soakLate stands for latency of a random length: some lets the attempt time out.
var soakLate = mockserver.Latency(time.Nanosecond)

// soakDice returns randomness that depends on a purpose and up to two numbers
// alone.
func soakDice(seed uint64, purpose string, numbers ...int) *rand.Rand {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	copy(key[8:16], purpose)
	for i, n := range numbers {
		binary.LittleEndian.PutUint64(key[16+8*i:], uint64(n))
	}
	return rand.New(rand.NewChaCha8(key))
}

// soakSpell is how many calls of a caller have the same weather.
const soakSpell = 20

// soakWeather draws what befalls an attempt of a call. The rates of the three
// phases change from spell to spell, between calm and the largest.
func soakWeather(size soakSize, caller int, trip *soakTrip) soakFault {
	rates := soakDice(size.seed, "spell", caller, trip.number/soakSpell)
	dice := soakDice(size.seed, "attempt", caller, trip.number<<16+trip.attempts)
	strikes := func() bool { return dice.Float64() < size.rate*rates.Float64() }
	switch {
	case strikes():
		return soakFault{outage: []outage{connRefused, hostUnknown}[dice.IntN(2)]}
	case strikes():
		return soakBefore[dice.IntN(len(soakBefore))].drawn(dice, before)
	case strikes():
		return soakAfter[dice.IntN(len(soakAfter))].drawn(dice, after)
	default:
		return soakFault{}
	}
}

// drawn is the fault on one side of the commit, with a length of its own if it is
// latency: no two requests are carried out at the same moment because of it.
func (f soakFault) drawn(dice *rand.Rand, phase mockserver.Phase) soakFault {
	f.phase = phase
	if f.do.String() == soakLate.String() {
		f.do = mockserver.Latency(time.Duration(dice.Int64N(int64(45*time.Second))) + 1)
	}
	return f
}
