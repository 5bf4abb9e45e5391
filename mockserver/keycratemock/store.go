package keycratemock

import (
	"cmp"
	"maps"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// store holds the licenses by key, by id, by the user of an app, and for each
// app in the order of creation.
type store struct {
	byKey  map[string]*record
	byID   map[string]*record
	byUser map[login]*record
	ofApp  map[string]*core.Shelf[*record]
}

// login is a username, which is one license's in an app.
type login struct{ appID, username string }

func newStore() store {
	return store{
		byKey: map[string]*record{}, byID: map[string]*record{}, byUser: map[login]*record{}, ofApp: map[string]*core.Shelf[*record]{},
	}
}

func older(a, b *record) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Key, b.Key))
}

func (s *store) add(r *record) {
	s.byKey[r.Key], s.byID[r.ID] = r, r
	s.assign(r, r.Username)
	if s.ofApp[r.AppID] == nil {
		s.ofApp[r.AppID] = core.NewShelf(older)
	}
	s.ofApp[r.AppID].Add(r)
}

// assign gives a license to a user, or to nobody.
func (s *store) assign(r *record, username string) {
	delete(s.byUser, login{r.AppID, r.Username})
	if r.Username = username; username != "" {
		s.byUser[login{r.AppID, username}] = r
	}
}

func (s *store) remove(gone ...*record) {
	byApp := map[string][]*record{}
	for _, r := range gone {
		delete(s.byKey, r.Key)
		delete(s.byID, r.ID)
		delete(s.byUser, login{r.AppID, r.Username})
		byApp[r.AppID] = append(byApp[r.AppID], r)
	}
	for appID, list := range byApp {
		s.ofApp[appID].Remove(list...)
	}
}

// replace makes a license another one, of the same app.
func (s *store) replace(r, by *record) {
	s.remove(r)
	*r = *by
	s.add(r)
}

// all lists the licenses of all apps, oldest first.
func (s *store) all() []*record { return slices.SortedFunc(maps.Values(s.byKey), older) }

// ofSubscription lists the licenses of a subscription.
func (s *store) ofSubscription(sub *Subscription) (list []*record) {
	for _, r := range s.ofApp[sub.AppID].All() {
		if r.SubscriptionID == sub.ID {
			list = append(list, r)
		}
	}
	return list
}

// holder returns another license of a subscription that is bound to a device, or
// nil. Which state it is in does not matter.
func (s *store) holder(sub *Subscription, hwid string, but *record) *record {
	for _, r := range s.ofSubscription(sub) {
		if r != but && r.HWID == hwid {
			return r
		}
	}
	return nil
}
