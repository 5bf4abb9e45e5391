package luaprotmock

import (
	"cmp"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// keyStore holds the keys by value, by the Discord user of a hub, and for each
// account in the order of lists.
type keyStore struct {
	byValue   map[string]*record
	byDiscord map[assignment]*record
	owned     map[string]*core.Shelf[*record]
}

// assignment is a Discord user's place in a hub, which one key can have.
type assignment struct{ hubID, discordID string }

func newKeyStore() keyStore {
	return keyStore{byValue: map[string]*record{}, byDiscord: map[assignment]*record{}, owned: map[string]*core.Shelf[*record]{}}
}

// older orders keys by creation, then against their texts: lists run the other
// way.
func older(a, b *record) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(b.Value, a.Value))
}

func (s *keyStore) add(owner string, k *record) {
	s.name(k)
	if s.owned[owner] == nil {
		s.owned[owner] = core.NewShelf(older)
	}
	s.owned[owner].Add(k)
}

func (s *keyStore) name(k *record) {
	s.byValue[k.Value] = k
	if k.DiscordID != "" {
		s.byDiscord[assignment{k.HubID, k.DiscordID}] = k
	}
}

// replace puts a key of an account in the place of what it was.
func (s *keyStore) replace(owner string, was, is *record) {
	delete(s.byDiscord, assignment{was.HubID, was.DiscordID})
	s.name(is)
	s.owned[owner].Replace(was, is)
}

// remove drops keys of one account.
func (s *keyStore) remove(owner string, gone ...*record) {
	for _, k := range gone {
		delete(s.byValue, k.Value)
		delete(s.byDiscord, assignment{k.HubID, k.DiscordID})
	}
	s.owned[owner].Remove(gone...)
}

// inHub lists the keys of a hub, oldest first.
func (s *keyStore) inHub(h *hub) []*record { return s.owned[h.Owner].Select(ofHub.Is(h.ID)) }

// unassigned counts the keys of a hub that are nobody's yet.
func (s *keyStore) unassigned(h *hub) int64 { return s.owned[h.Owner].Count(freeInHub.Is(h.ID)) }

// change replaces a key by a copy with which something is done, and returns that.
func (s *state) change(was *record, do func(*record)) *record {
	is := was.clone()
	do(is)
	s.keys.replace(s.hubs.Get(was.HubID).Owner, was, is)
	return is
}
