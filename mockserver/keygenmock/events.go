package keygenmock

import (
	"slices"
	"sync/atomic"
	"time"
)

// Event is something that happened in an account and that the vendor would tell
// its webhook endpoints.
type Event struct {
	Name     string // such as "key.created"
	ObjectID string // of the key, policy, product, license or token; of a pop the key
	Webhooks int    // how many endpoints are subscribed to it
	At       time.Time
}

// Counts are what the vendor notes in the background. Its community edition
// keeps no logs; they are counted here all the same.
type Counts struct {
	Webhooks    int // one for each event and endpoint subscribed to it
	EventLogs   int // one for each event
	RequestLogs int // one for each request that reached the account, whatever the answer
}

// counted is what an account has counted so far. Requests that only read are served
// side by side, and count themselves.
type counted struct {
	webhooks, eventLogs int
	requestLogs         atomic.Int64
}

func (c *counted) get() Counts { return Counts{c.webhooks, c.eventLogs, int(c.requestLogs.Load())} }

func (c *counted) set(to Counts) {
	c.webhooks, c.eventLogs = to.Webhooks, to.EventLogs
	c.requestLogs.Store(int64(to.RequestLogs))
}

// emit records an event of the account.
func (c *call) emit(name, objectID string) {
	c.Decided(ruleEvent)
	e := Event{Name: name, ObjectID: objectID, At: c.now()}
	for w := range c.account.endpoints.oldestFirst() {
		if w.wants(name) {
			e.Webhooks++
		}
	}
	c.account.events = append(c.account.events, e)
	c.account.counts.webhooks += e.Webhooks
	c.account.counts.eventLogs++
}

func (w *WebhookEndpoint) wants(event string) bool {
	return len(w.Subscriptions) == 0 || slices.Contains(w.Subscriptions, "*") || slices.Contains(w.Subscriptions, event)
}
