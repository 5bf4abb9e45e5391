package keycratemock

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// BlacklistKind says what a line of the blacklist is about.
type BlacklistKind string

// What can be on the blacklist. The first three are about the [Origin] of a
// call.
const (
	ByCountry BlacklistKind = "country" // two capitals: "NL"
	ByASN     BlacklistKind = "ASN"     // digits: "64496"
	ByIP      BlacklistKind = "IP"      // one address: "192.0.2.1"
	ByHWID    BlacklistKind = "HWID"    // compared exactly
)

// BlacklistLine is one line of the blacklist: whoever has this value is kept out.
type BlacklistLine struct {
	By    BlacklistKind
	Value string
}

// check says what is wrong with a line, if anything is.
func (l BlacklistLine) check() error {
	ok := false
	switch l.By {
	case ByCountry:
		ok = len(l.Value) == 2 && strings.Trim(l.Value, upperCase) == ""
	case ByASN:
		ok = core.IsDigits(l.Value)
	case ByIP:
		_, err := netip.ParseAddr(l.Value)
		ok = err == nil && utf8.ValidString(l.Value) // whose zone may be any text
	case ByHWID:
		ok = l.Value != "" && utf8.ValidString(l.Value)
	default:
		return core.BadMember("/kind", "%q is no kind of blacklist: it is %s, %s, %s or %s", l.By, ByCountry, ByASN, ByIP, ByHWID)
	}
	if !ok {
		return core.BadMember("/value", "%q is no %s: one is like NL, 64496, 192.0.2.1 or any HWID", l.Value, l.By)
	}
	return nil
}

// Origin is where end users' calls come from, as the vendor sees it. What is
// zero is not known, and on no blacklist.
type Origin struct {
	Country string // two capitals, such as "NL"
	ASN     int    // number of the network, such as 64496
	IP      string
}

// lines are the lines of the blacklist that would keep this origin out.
func (o Origin) lines() (lines []BlacklistLine) {
	if o.Country != "" {
		lines = append(lines, BlacklistLine{ByCountry, o.Country})
	}
	if o.ASN != 0 {
		lines = append(lines, BlacklistLine{ByASN, strconv.Itoa(o.ASN)})
	}
	if o.IP != "" {
		lines = append(lines, BlacklistLine{ByIP, o.IP})
	}
	return lines
}

// wrong is the first part of the origin that cannot be; nil: all can.
func (o Origin) wrong() *BlacklistLine {
	for _, line := range o.lines() {
		if line.check() != nil {
			return &line
		}
	}
	return nil
}

func (o Origin) check() error {
	if wrong := o.wrong(); wrong != nil {
		return wrong.check()
	}
	return nil
}

// SetOrigin says where end users' calls come from, from now on and over
// whichever transport: a request to the mock has no country. At first nothing
// is known.
func (w *World) SetOrigin(o Origin) {
	w.act(ActSetOrigin, func(t *turn) error {
		if err := o.check(); err != nil {
			return err
		}
		t.state.Origin = o
		return nil
	})
}

// Blacklist keeps end users out, in all apps of the team.
//
//	w.SetOrigin(keycratemock.Origin{Country: "NL"})
//	w.Blacklist(keycratemock.ByCountry, "NL")
//	w.Blacklist(keycratemock.ByHWID, "laptop")
func (w *World) Blacklist(by BlacklistKind, value string) {
	w.act(ActBlacklist, func(t *turn) error { return t.blacklist(BlacklistLine{by, value}) })
}

func (t *turn) blacklist(line BlacklistLine) error {
	if err := line.check(); err != nil {
		return err
	}
	if !t.state.blacklist.Has(line) {
		t.state.blacklist.Put(line, line)
		t.Effect(EffectBlacklisted, string(line.By), line.Value)
	}
	return nil
}

// Unblacklist lets end users in again, and reports whether they were kept out.
func (w *World) Unblacklist(by BlacklistKind, value string) (lifted bool) {
	w.act(ActUnblacklist, func(t *turn) error {
		line := BlacklistLine{by, value}
		if lifted = t.state.blacklist.Has(line); lifted {
			t.unblacklist(line)
		}
		return nil
	})
	return lifted
}

func (t *turn) unblacklist(line BlacklistLine) {
	t.state.blacklist.Drop(line)
	t.Effect(EffectUnblacklisted, string(line.By), line.Value)
}
