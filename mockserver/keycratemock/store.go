package keycratemock

import (
	"cmp"
	"iter"

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
	s.name(r)
	if s.ofApp[r.AppID] == nil {
		s.ofApp[r.AppID] = core.NewShelf(older)
	}
	s.ofApp[r.AppID].Add(r)
}

func (s *store) name(r *record) {
	s.byKey[r.Key], s.byID[r.ID] = r, r
	if r.Username != "" {
		s.byUser[login{r.AppID, r.Username}] = r
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

// replace puts a license in the place of what it was, with the same key, id and app.
func (s *store) replace(was, is *record) {
	delete(s.byUser, login{was.AppID, was.Username})
	s.name(is)
	s.ofApp[is.AppID].Replace(was, is)
}

// change replaces a license by a copy with which something is done, and returns that.
func (s *store) change(was *record, do func(*record)) *record {
	is := was.clone()
	do(is)
	s.replace(was, is)
	return is
}

// viewLicenses are the licenses of one app after the other, as they are now.
func (s *state) viewLicenses() (views []core.View[*record]) {
	for a := range s.apps.All() {
		views = append(views, s.licenses.ofApp[a.ID].View())
	}
	return views
}

// allLicenses goes through the licenses of one app after the other, oldest first.
func (s *state) allLicenses() iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for a := range s.apps.All() {
			for r := range s.licenses.ofApp[a.ID].All() {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// ofSubscription lists the licenses of a subscription, oldest first.
func (s *store) ofSubscription(sub *Subscription) []*record {
	return s.ofApp[sub.AppID].Select(inSubscription.Is(sub.ID))
}

// holder returns another license of a subscription that is bound to a device, or
// nil. Which state it is in does not matter.
func (s *store) holder(sub *Subscription, hwid string, but *record) *record {
	for _, r := range s.ofApp[sub.AppID].Select(onDevice.Is(seat{sub.ID, hwid})) {
		if r != but {
			return r
		}
	}
	return nil
}
