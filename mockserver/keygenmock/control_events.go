package keygenmock

import (
	"net/url"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

type webhookEndpointSheet struct {
	sheetTop
	URL           string   `json:"url"`
	Subscriptions []string `json:"subscriptions"`
	Created       instant  `json:"created"`
}

func (v *vendor) webhookEndpoints() core.Collection {
	return belongings[WebhookEndpoint, webhookEndpointSheet, *webhookEndpointSheet]{
		Kind: core.Kind[owned[WebhookEndpoint], webhookEndpointSheet]{
			Name: "webhook-endpoints", Noun: "webhook endpoint",
			Show:   showWebhookEndpoint,
			Filled: []string{"url"},
		},
		changed: EffectWebhookChanged,
		table:   endpointsOf,
		times:   func(e *WebhookEndpoint) (*time.Time, *time.Time) { return &e.Created, new(time.Time) },
		read:    readWebhookEndpoint,
		admit:   (*account).admitWebhookEndpoint,
		add:     (*turn).seedWebhookEndpoint,
		remove:  (*turn).removeWebhookEndpoint,
	}.of(v)
}

func showWebhookEndpoint(_ *core.Turn, of owned[WebhookEndpoint]) webhookEndpointSheet {
	e := of.object
	return webhookEndpointSheet{sheetTop{e.ID, of.account.id}, e.URL, append([]string{}, e.Subscriptions...), instantAt(e.Created)}
}

func readWebhookEndpoint(_ *turn, _ *account, s webhookEndpointSheet, _ WebhookEndpoint) (WebhookEndpoint, error) {
	return WebhookEndpoint{ID: s.ID, URL: s.URL, Subscriptions: s.Subscriptions, Created: s.Created.Time}, nil
}

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

// events shows what the vendor notes in the background. Requests have no event:
// all of an account's are counted, whichever events a list is about.
func (v *vendor) events() core.Collection {
	return core.Collection{Name: "events", Filters: []string{"account", "event"}, List: v.listEvents, Clear: v.clearEvents}
}

func (v *vendor) listEvents(_ *core.Turn, filters url.Values) (any, error) {
	if err := v.vetAccount(filters); err != nil {
		return nil, err
	}
	events, counts := []eventSheet{}, countsSheet{}
	for _, a := range v.state.filteredAccounts(filters) {
		counts.RequestLogs += a.counts.get().RequestLogs
		for _, e := range a.events {
			if filters.Has("event") && filters.Get("event") != e.Name {
				continue
			}
			counts.Webhooks += e.Webhooks
			counts.EventLogs++
			events = append(events, eventSheet{a.id, e.Name, e.ObjectID, e.Webhooks, instantAt(e.At)})
		}
	}
	return map[string]any{"counts": counts, "items": events}, nil
}

func (v *vendor) clearEvents(_ *core.Turn, filters url.Values) error {
	if filters.Has("event") {
		return core.BadParameter("event", "cannot be given here: events are cleared with all counts")
	}
	if err := v.vetAccount(filters); err != nil {
		return err
	}
	for _, a := range v.state.filteredAccounts(filters) {
		a.events = nil
		a.counts.set(Counts{})
	}
	return nil
}
