package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

const month = 30 * 24 * time.Hour

// opening is when the shops open.
var opening = time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)

// vendor is one that keys can be sold from.
type vendor struct {
	name   string
	seller Seller
	issue  string // the operation that issues a key
	look   string // the one that finds it again
	effect string // what the ledger says when a key was issued
}

// vendors returns all four, as they are on a mock server.
func vendors(s *mockserver.Server) ([]vendor, error) {
	junkieClient, junkieErr := junkie.New(junkie.Config{
		APIKey:     s.Junkie().APIKey(),
		HTTPClient: s.Client(), // leave this out, here and below, and the same code sells in earnest
	})
	luaprotClient, luaprotErr := luaprot.New(luaprot.Config{APIKey: s.LuaProt().APIKey(), HTTPClient: s.Client()})
	keygenClient, keygenErr := keygen.New(keygen.Config{
		Account: s.Keygen().Account(), Credential: keygen.Token(s.Keygen().Token()), HTTPClient: s.Client(),
	})
	keycrateClient, keycrateErr := keycrate.New(keycrate.Config{APIKey: s.Keycrate().APIKey(), HTTPClient: s.Client()})
	if err := errors.Join(junkieErr, luaprotErr, keygenErr, keycrateErr); err != nil {
		return nil, err
	}
	policy := s.Keygen().AddPolicy(keygenmock.Policy{Pooled: true, Duration: month})
	for range 20 {
		s.Keygen().AddKey(keygenmock.Key{PolicyID: policy.ID})
	}
	return []vendor{{
		name:   "Junkie",
		seller: &JunkieSeller{Keys: junkieClient.Keys, ProviderID: s.Junkie().AddProvider("shop").ID, Validity: month},
		issue:  junkiemock.OpCreateKey, look: junkiemock.OpListKeys, effect: "junkie." + junkiemock.EffectKeyCreated,
	}, {
		name:   "LuaProt",
		seller: &LuaProtSeller{Hub: luaprotClient.Hub(s.LuaProt().AddHub("shop").ID), ExpiresIn: month},
		issue:  luaprotmock.OpAddKey, look: luaprotmock.OpGetKeyInfo, effect: "luaprot." + luaprotmock.EffectKeyCreated,
	}, {
		name:   "Keygen",
		seller: &KeygenSeller{Licenses: keygenClient.Licenses, PolicyID: policy.ID},
		issue:  keygenmock.OpCreateLicense, look: keygenmock.OpGetLicense, effect: "keygen." + keygenmock.EffectLicenseCreated,
	}, {
		name: "Keycrate",
		seller: &KeycrateSeller{
			Licenses: keycrateClient.Licenses,
			AppID:    s.Keycrate().AppID(), SubscriptionID: s.Keycrate().AddSubscription(keycratemock.Subscription{Name: "premium"}).ID,
			Duration: keycrate.Days(30),
		},
		issue: keycratemock.OpCreateLicense, look: keycratemock.OpListLicenses, effect: "keycrate." + keycratemock.EffectLicenseCreated,
	}}, nil
}

// story opens one shop after the other, each with a journal of its own beside
// path, and lets everything go wrong.
func story(ctx context.Context, out io.Writer, path string) error {
	server := mockserver.New(mockserver.WithStart(opening))
	all, err := vendors(server)
	if err != nil {
		return err
	}
	for _, v := range all {
		fmt.Fprintln(out, v.name)
		t := &teller{out: out, server: server, vendor: v, path: path + "." + v.name}
		if err := t.tell(ctx); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
	}
	return nil
}

// teller plays the payment provider of one shop, and fate.
type teller struct {
	vendor
	out    io.Writer
	server *mockserver.Server
	path   string
}

var secret = []byte("known to the provider and to the shop")

func (t *teller) say(format string, args ...any) { fmt.Fprintf(t.out, "  "+format+"\n", args...) }

func (t *teller) tell(ctx context.Context) error {
	for _, chapter := range []func(context.Context) error{t.duplicates, t.lostAnswers, t.crash} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	t.say("ledger    5 orders were paid, and the vendor issued %d keys", len(t.server.Effects(t.effect)))
	return nil
}

// duplicates sends webhooks more than once.
func (t *teller) duplicates(ctx context.Context) error {
	return t.open(ctx, nil, func(url string) error {
		for _, times := range []string{"once", "again"} {
			answer, err := t.send(ctx, url, "1041")
			if err != nil {
				return err
			}
			t.say("%-9s the webhook of order 1041: %s", times, answer)
		}
		var together sync.WaitGroup
		for range 10 {
			together.Go(func() { _, _ = t.send(ctx, url, "1042") })
		}
		together.Wait()
		answer, err := t.send(ctx, url, "1042")
		t.say("at once   ten webhooks of order 1042: %s", answer)
		return err
	})
}

// lostAnswers breaks the connection to the vendor, after and before it has issued
// the key.
func (t *teller) lostAnswers(ctx context.Context) error {
	return t.open(ctx, nil, func(url string) error {
		t.lose(mockserver.AfterCommit)
		answer, err := t.send(ctx, url, "1043")
		if err != nil {
			return err
		}
		t.say("lost      the answer for order 1043, which had its key: %s", answer)

		t.lose(mockserver.BeforeCommit)
		answer, err = t.send(ctx, url, "1044")
		if err != nil {
			return err
		}
		t.say("lost      the answer for order 1044, which had none: %s", answer)
		t.server.Advance(settled)
		answer, err = t.send(ctx, url, "1044")
		t.say("later     the webhook of order 1044: %s", answer)
		return err
	})
}

// crash ends the program when the vendor has issued a key and nothing is noted.
func (t *teller) crash(ctx context.Context) error {
	dying := func(s Store) Store { return powerCut{s} }
	if err := t.open(ctx, dying, func(url string) error {
		answer, err := t.send(ctx, url, "1045")
		t.say("crashed   before the key of order 1045 was noted: %s", answer)
		return err
	}); err != nil {
		return err
	}
	journal, err := OpenJournal(t.path)
	if err != nil {
		return err
	}
	defer journal.Close()
	shop := t.shop(journal)
	if err := shop.Resume(ctx); err != nil {
		return err
	}
	record, err := journal.Get(ctx, "1045")
	t.say("restarted and resumed order 1045: %s, %s", record.State, record.Note)
	return err
}

// powerCut is a Store that takes note of what is going to be done, and not of what
// was done.
type powerCut struct{ Store }

func (s powerCut) Put(ctx context.Context, record Record) error {
	if record.State != Selling {
		return errors.New("the power is cut")
	}
	return s.Store.Put(ctx, record)
}

// lose breaks the connection once, on one side of the vendor's work.
func (t *teller) lose(phase mockserver.Phase) {
	t.server.Inject(mockserver.Fault{Op: t.issue, Phase: phase, Do: mockserver.ConnReset(), Times: 1})
}

func (t *teller) shop(store Store) *Shop {
	return &Shop{Seller: t.seller, Store: store, Now: t.server.Now}
}

// open runs the shop, with what its journal remembers, and closes it again.
func (t *teller) open(ctx context.Context, wrap func(Store) Store, visit func(url string) error) error {
	journal, err := OpenJournal(t.path)
	if err != nil {
		return err
	}
	defer journal.Close()
	var store Store = journal
	if wrap != nil {
		store = wrap(journal)
	}
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	webhook := &Webhook{Shop: t.shop(store), Secret: secret, Log: slog.New(slog.DiscardHandler)}
	server := &http.Server{Handler: webhook, ReadTimeout: 10 * time.Second}
	defer server.Close()
	go func() { _ = server.Serve(listener) }()
	return visit("http://" + listener.Addr().String())
}

// send is the payment provider, who says that an order was paid.
func (t *teller) send(ctx context.Context, url, orderID string) (answer string, err error) {
	order := Order{ID: orderID, DiscordID: "10000000000000" + orderID}
	body, err := json.Marshal(event{Type: "order.paid", Data: order})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	id, sent := "paid-"+orderID, strconv.FormatInt(t.server.Now().Unix(), 10)
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", sent)
	req.Header.Set("webhook-signature", sign(secret, id, sent, body))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %s", resp.StatusCode, bytes.TrimSpace(said)), err
}
