package luaprotmock

import (
	"cmp"
	"iter"

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
	s.byValue[k.Value] = k
	s.assign(k, k.DiscordID)
	if s.owned[owner] == nil {
		s.owned[owner] = core.NewShelf(older)
	}
	s.owned[owner].Add(k)
}

// assign gives a key to a Discord user, or to none.
func (s *keyStore) assign(k *record, discordID string) {
	delete(s.byDiscord, assignment{k.HubID, k.DiscordID})
	if k.DiscordID = discordID; discordID != "" {
		s.byDiscord[assignment{k.HubID, discordID}] = k
	}
}

// remove drops keys of one account.
func (s *keyStore) remove(owner string, gone ...*record) {
	for _, k := range gone {
		delete(s.byValue, k.Value)
		delete(s.byDiscord, assignment{k.HubID, k.DiscordID})
	}
	s.owned[owner].Remove(gone...)
}

// inHub iterates over the keys of a hub, oldest first.
func (s *keyStore) inHub(h *hub) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for _, k := range s.owned[h.Owner].All() {
			if k.HubID == h.ID && !yield(k) {
				return
			}
		}
	}
}

// unassigned counts the keys of a hub that are nobody's yet.
func (s *keyStore) unassigned(h *hub) (n int64) {
	for k := range s.inHub(h) {
		if k.unassigned() {
			n++
		}
	}
	return n
}
