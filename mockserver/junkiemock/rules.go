package junkiemock

import (
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What can never be is refused wherever objects come from: the Go API, a seed,
// the control plane or a snapshot. A refusal names the member as the control plane
// does, which people know in the Go types, too.

func checkID(noun string, id, largest int64, found bool) error {
	switch {
	case found:
		return taken("/id", noun)
	case id < 0 || id > largest:
		return core.BadMember("/id", "%d is negative or over %d: leave it open for a new one", id, largest)
	}
	return nil
}

// checkOwner refuses an account that there is not, or no more.
func (s *state) checkOwner(userID int64) error {
	if !s.accounts.has(userID) {
		return core.BadMember("/account", "names no account that there is: %d", userID)
	}
	return nil
}

// text is the text of a member.
type text struct{ pointer, text string }

// checkTexts refuses what no JSON can hold.
func checkTexts(texts ...text) error {
	for _, t := range texts {
		if !utf8.ValidString(t.text) {
			return core.BadMember(t.pointer, "is not in UTF-8: %q", core.Clip(strings.ToValidUTF8(t.text, "?"), core.MaxName))
		}
	}
	return nil
}

// stamp is the time of a member.
type stamp struct {
	pointer string
	at      time.Time
}

// checkTimes refuses what the wire's four-digit years cannot show. None at all
// is fine.
func checkTimes(stamps ...stamp) error {
	for _, s := range stamps {
		if year := s.at.UTC().Year(); year < 1 || year > latest.Year() {
			return core.BadMember(s.pointer, "is of the year %d: it must be of 1 to %d", year, latest.Year())
		}
	}
	return nil
}

// taken refuses what another object has.
func taken(pointer, noun string) error {
	err := core.BadMember(pointer, "is taken by another %s", noun)
	err.Status = http.StatusConflict
	return err
}

// nowhere refuses a reference to what is not there.
func nowhere(pointer, noun string, reference any) error {
	return core.BadMember(pointer, "names no %s of the account: %v; make it first", noun, reference)
}
