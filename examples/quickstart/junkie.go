package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// junkieShop is a small shop that sells licenses through Junkie.
type junkieShop struct {
	teller
	keys     *junkie.KeysService
	provider int64
}

// junkieStory runs the shop against the embedded mock.
func junkieStory(ctx context.Context, out io.Writer) error {
	server := mockserver.New(mockserver.WithStart(opening))
	client, err := junkie.New(junkie.Config{
		APIKey:     server.Junkie().APIKey(),
		HTTPClient: server.Client(), // leave this out, and the same code talks to the vendor
	})
	if err != nil {
		return err
	}
	s := &junkieShop{teller: teller{out, server}, keys: client.Keys, provider: server.Junkie().AddProvider("shop").ID}

	fmt.Fprintln(out, "Junkie")
	key, err := s.issue(ctx)
	if err != nil {
		return err
	}
	s.use(key, "laptop", "phone", "tablet")
	for _, chapter := range []func(context.Context, *junkie.Key) error{
		s.extend, s.moveDevice, s.loseAnAnswer, s.list, s.expire, s.revoke,
	} {
		if err := chapter(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// issue sells a key for thirty days and two devices.
func (s *junkieShop) issue(ctx context.Context) (*junkie.Key, error) {
	key, err := s.keys.Create(ctx, junkie.CreateKeyParams{
		ProviderID: s.provider,
		Name:       "order 1042",
		Validity:   30 * day,
		HWIDLimit:  2,
	})
	if err != nil {
		return nil, err
	}
	s.say("issued    key %d for %q, valid until %s, for %d devices", key.ID, key.Name, date(key.ExpiresAt), key.HWIDLimit)
	return key, nil
}

// use is the customer's side, which no vendor lets you test: the mock does.
func (s *junkieShop) use(key *junkie.Key, devices ...string) {
	for _, device := range devices {
		s.say("used      on the %s: %s", device, s.server.Junkie().Verify(key.Value, device).Code)
	}
}

// extend gives the customer another thirty days.
func (s *junkieShop) extend(ctx context.Context, key *junkie.Key) error {
	params := junkie.UpdateKeyParams{ExpiresAt: junkie.Set(key.ExpiresAt.Add(30 * day))}
	if _, err := s.keys.Update(ctx, key.Ref(), params); err != nil {
		return err
	}
	key, err := s.keys.Get(ctx, key.Ref())
	if err != nil {
		return err
	}
	s.say("extended  until %s", date(key.ExpiresAt))
	return nil
}

// moveDevice frees the places of the old devices.
func (s *junkieShop) moveDevice(ctx context.Context, key *junkie.Key) error {
	if err := s.keys.ResetHWIDs(ctx, key.Ref()); err != nil {
		return err
	}
	s.say("reset     the devices of key %d", key.ID)
	s.use(key, "tablet")
	return nil
}

// loseAnAnswer creates a key at the very moment when the connection breaks. The
// vendor has made it; the shop cannot know, and must neither sell a second key
// nor none.
func (s *junkieShop) loseAnAnswer(ctx context.Context, _ *junkie.Key) error {
	s.server.Inject(mockserver.Fault{
		Op:    junkiemock.OpCreateKey,
		Phase: mockserver.AfterCommit,
		Do:    mockserver.ConnReset(),
		Times: 1,
	})
	_, err := s.keys.Create(ctx, junkie.CreateKeyParams{ProviderID: s.provider, Name: "order 1043"})
	if !errors.Is(err, junkie.ErrUnknownOutcome) {
		return fmt.Errorf("expected an unknown outcome, got: %w", err)
	}
	s.say("lost      the answer for order 1043: one key or none? It was not sent again.")

	for key, err := range s.keys.All(ctx, junkie.ListKeysParams{ProviderID: s.provider}) {
		if err != nil {
			return err
		}
		if key.Name == "order 1043" {
			s.say("found     key %d for %q: it was issued after all, once", key.ID, key.Name)
			return nil
		}
	}
	s.say("found     no key for order 1043: it is safe to issue it now")
	return nil
}

// list shows the shop's keys, newest first.
func (s *junkieShop) list(ctx context.Context, _ *junkie.Key) error {
	for key, err := range s.keys.All(ctx, junkie.ListKeysParams{ProviderID: s.provider}) {
		if err != nil {
			return err
		}
		s.say("listed    key %d, %q, %s", key.ID, key.Name, key.Status(s.server.Now()))
	}
	return nil
}

// expire lets sixty days pass in no time.
func (s *junkieShop) expire(_ context.Context, key *junkie.Key) error {
	s.server.Advance(60 * day)
	s.say("waited    60 days")
	s.use(key, "tablet")
	return nil
}

// revoke deletes the key for good.
func (s *junkieShop) revoke(ctx context.Context, key *junkie.Key) error {
	if err := s.keys.Delete(ctx, key.Ref()); err != nil {
		return err
	}
	_, err := s.keys.Get(ctx, key.Ref())
	if !errors.Is(err, junkie.ErrNotFound) {
		return fmt.Errorf("expected the key to be gone, got: %w", err)
	}
	s.say("revoked   key %d: nobody finds it any more", key.ID)
	return nil
}
