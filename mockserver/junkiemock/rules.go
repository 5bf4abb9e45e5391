package junkiemock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// What can never be is refused wherever objects come from: the Go API, a seed,
// the control plane or a snapshot. A refusal names the member as the control plane
// does, which people know in the Go types, too.

func checkID(noun string, id, largest int64, found bool) error {
	switch {
	case found:
		return core.Taken("/id", noun)
	case id < 0 || id > largest:
		return core.BadMember("/id", "%d is negative or over %d: leave it open for a new one", id, largest)
	}
	return nil
}

// checkOwner refuses an account that there is not, or no more.
func (s *state) checkOwner(userID int64) error {
	if !s.accounts.Has(userID) {
		return core.NoAccount(userID)
	}
	return nil
}
