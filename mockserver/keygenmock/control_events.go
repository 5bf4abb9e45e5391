package keygenmock

import (
	"net/url"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

type eventSheet struct {
	Account  string  `json:"account"`
	Event    string  `json:"event"`
	Object   string  `json:"object"`
	Webhooks int     `json:"webhooks"`
	At       instant `json:"at"`
}

type countsSheet struct {
	Webhooks    int `json:"webhooks"`
	EventLogs   int `json:"eventLogs"`
	RequestLogs int `json:"requestLogs"`
}

// controlledEvents shows what the vendor notes in the background. Requests have
// no event: all of an account's are counted, whichever events a list is about.
func (v *vendor) controlledEvents() core.Collection {
	return core.Collection{Name: "events", Filters: []string{"account", "event"}, List: v.listEvents, Clear: v.clearEvents}
}

func (v *vendor) listEvents(_ *core.Turn, filters url.Values) (any, error) {
	accounts, err := v.state.filteredAccounts(filters)
	if err != nil {
		return nil, err
	}
	events, counts := []eventSheet{}, countsSheet{}
	for _, a := range accounts {
		counts.RequestLogs += a.counts.RequestLogs
		for _, e := range a.events {
			if filters.Has("event") && filters.Get("event") != e.Name {
				continue
			}
			counts.Webhooks += e.Webhooks
			counts.EventLogs++
			events = append(events, eventSheet{a.id, e.Name, e.ObjectID, e.Webhooks, instant{e.At}})
		}
	}
	return map[string]any{"counts": counts, "items": events}, nil
}

func (v *vendor) clearEvents(_ *core.Turn, filters url.Values) error {
	if filters.Has("event") {
		return core.BadParameter("event", "cannot be given here: events are cleared with all counts")
	}
	accounts, err := v.state.filteredAccounts(filters)
	for _, a := range accounts {
		a.events, a.counts = nil, Counts{}
	}
	return err
}
