package keycratemock

import (
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// subscriptionSheet describes a subscription.
type subscriptionSheet struct {
	ID               string       `json:"id"`
	App              string       `json:"app"`
	Name             string       `json:"name"`
	Level            int64        `json:"level"`
	SingleKeyPerHWID bool         `json:"singleKeyPerHwid"`
	Status           string       `json:"status"`
	CreatedAt        core.Instant `json:"createdAt"`
	UpdatedAt        core.Instant `json:"updatedAt"`
}

func (v *vendor) controlledSubscriptions() core.Kind[*Subscription, subscriptionSheet] {
	return core.Kind[*Subscription, subscriptionSheet]{
		Name: "subscriptions", Noun: "subscription",
		All:   v.state.subscriptions.All,
		Find:  func(id string) (*Subscription, bool) { return v.state.subscriptions.Find(strings.ToLower(id)) },
		Show:  func(_ *core.Turn, sub *Subscription) subscriptionSheet { return sub.sheet() },
		Blank: func() subscriptionSheet { return subscriptionSheet{Level: defaultLevel} },
		Create: func(t *core.Turn, d subscriptionSheet) (*Subscription, error) {
			if d.App == "" {
				d.App = defaultAppID
			}
			sub, err := v.state.subscriptionOf(d)
			if err != nil {
				return nil, err
			}
			return v.turn(t).seedSubscription(sub)
		},
		Change: func(t *core.Turn, sub *Subscription, d subscriptionSheet) (*Subscription, error) {
			by, err := v.state.subscriptionOf(d)
			if err != nil {
				return nil, err
			}
			return sub, v.turn(t).changeSubscription(sub, by)
		},
		Remove: func(t *core.Turn, sub *Subscription) error {
			v.turn(t).removeSubscription(sub)
			return nil
		},
		Fixed: []string{"id"},
		Filters: map[string]core.Test[*Subscription]{
			"app":    func(_ *core.Turn, sub *Subscription, want string) bool { return v.state.isOfApp(want, sub.AppID) },
			"name":   func(_ *core.Turn, sub *Subscription, want string) bool { return sub.Name == want },
			"status": func(_ *core.Turn, sub *Subscription, want string) bool { return sub.Status == want },
		},
	}
}

func (sub *Subscription) sheet() subscriptionSheet {
	return subscriptionSheet{
		sub.ID, sub.AppID, sub.Name, sub.Level, sub.SingleKeyPerHWID, sub.Status, core.Instant{Time: sub.CreatedAt}, core.Instant{Time: sub.UpdatedAt},
	}
}

// subscriptionOf is the subscription that a sheet describes.
func (s *state) subscriptionOf(d subscriptionSheet) (sub Subscription, err error) {
	a, err := s.app("/app", d.App)
	if err != nil {
		return sub, err
	}
	return Subscription{
		strings.ToLower(d.ID), a.ID, d.Name, d.Level, d.SingleKeyPerHWID, d.Status, moment(d.CreatedAt.Time), moment(d.UpdatedAt.Time),
	}, nil
}

func (t *turn) changeSubscription(sub *Subscription, by Subscription) error {
	if by.AppID != sub.AppID {
		return core.BadMember("/app", "cannot be changed: a subscription stays in its app")
	}
	if err := t.state.checkSubscription(by, sub); err != nil {
		return err
	}
	was := *sub
	*sub = by
	if !by.CreatedAt.Equal(was.CreatedAt) {
		t.state.subscriptions.Drop(sub.ID)
		t.state.putSubscription(sub)
	}
	t.noteEdit(sub, was)
	return nil
}
