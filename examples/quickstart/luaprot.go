package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// buyer and friend are Discord users.
const (
	buyer  = "100000000000000001"
	friend = "100000000000000002"
)

// luaprotShop is a Discord bot that sells access to a script through LuaProt.
type luaprotShop struct {
	teller
	keys   *luaprot.KeysService // of all hubs
	hub    *luaprot.Hub
	script string
}

// luaprotStory runs the bot against the embedded mock.
func luaprotStory(ctx context.Context, out io.Writer) error {
	server := mockserver.New(mockserver.WithStart(opening))
	client, err := luaprot.New(luaprot.Config{
		APIKey:     server.LuaProt().APIKey(),
		HTTPClient: server.Client(), // leave this out, and the same code talks to the vendor
	})
	if err != nil {
		return err
	}
	hub := server.LuaProt().AddHub("shop")
	s := &luaprotShop{
		teller: teller{out, server},
		keys:   client.Keys,
		hub:    client.Hub(hub.ID),
		script: server.LuaProt().AddScript(hub.ID, "loader").ID,
	}

	fmt.Fprintln(out, "LuaProt")
	key, err := s.add(ctx)
	if err != nil {
		return err
	}
	s.check(key, "laptop", "phone")
	for _, chapter := range []func(context.Context, *luaprot.Key) error{
		s.moveDevice, s.bar, s.giveAway, s.loseAnAnswer, s.remove,
	} {
		if err := chapter(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// add sells a key for thirty days. The customer is a Discord user, who is
// thereby the name of the key: no value needs to be stored.
func (s *luaprotShop) add(ctx context.Context) (*luaprot.Key, error) {
	key, err := s.hub.Add(ctx, luaprot.AddKeyParams{DiscordID: buyer, ExpiresIn: 30 * day, Note: "order 1042"})
	if err != nil {
		return nil, err
	}
	s.say("added     a key for the buyer, %q, valid until %s", key.Note, date(key.ExpiresAt))
	return key, nil
}

// check is the customer's side: the script asks whether the key lets it run.
func (s *luaprotShop) check(key *luaprot.Key, devices ...string) {
	for _, device := range devices {
		s.say("checked   on the %s: %s", device, s.server.LuaProt().Check(s.script, key.Value, device).Status)
	}
}

// moveDevice frees the key of the one device that it is bound to.
func (s *luaprotShop) moveDevice(ctx context.Context, key *luaprot.Key) error {
	if _, err := s.hub.ResetHWID(ctx, luaprot.ByDiscordID(buyer)); err != nil {
		return err
	}
	s.say("reset     the device of the buyer's key")
	s.check(key, "phone")
	return nil
}

// bar keeps the customer out while a payment is in dispute.
func (s *luaprotShop) bar(ctx context.Context, key *luaprot.Key) error {
	barred, err := s.hub.Blacklist(ctx, luaprot.ByDiscordID(buyer), "payment in dispute")
	if err != nil {
		return err
	}
	s.say("barred    the buyer: %s", barred.BlacklistReason)
	s.check(key, "phone")
	if _, err := s.hub.Unblacklist(ctx, luaprot.ByDiscordID(buyer)); err != nil {
		return err
	}
	s.say("lifted    the blacklisting again")
	s.check(key, "phone")
	return nil
}

// giveAway makes keys that belong to nobody yet, and lists them.
func (s *luaprotShop) giveAway(ctx context.Context, _ *luaprot.Key) error {
	values, err := s.hub.Generate(ctx, luaprot.GenerateKeysParams{Amount: 10, ExpiresIn: 7 * day, Note: "giveaway"})
	if err != nil {
		return err
	}
	s.say("generated %d keys to give away", len(values))

	listed := 0
	for key, err := range s.keys.All(ctx, luaprot.ListKeysParams{HubID: s.hub.ID(), Unassigned: luaprot.Set(true)}) {
		if err != nil {
			return err
		}
		if key.Note == "giveaway" {
			listed++
		}
	}
	s.say("listed    %d keys that belong to nobody yet", listed)
	return nil
}

// loseAnAnswer adds a key at the very moment when the connection breaks. Whether
// the vendor has made it, the Discord user tells: each has at most one key.
func (s *luaprotShop) loseAnAnswer(ctx context.Context, _ *luaprot.Key) error {
	s.server.Inject(mockserver.Fault{
		Op:    luaprotmock.OpAddKey,
		Phase: mockserver.AfterCommit,
		Do:    mockserver.ConnReset(),
		Times: 1,
	})
	_, err := s.hub.Add(ctx, luaprot.AddKeyParams{DiscordID: friend, ExpiresIn: 30 * day, Note: "order 1043"})
	if !errors.Is(err, luaprot.ErrUnknownOutcome) {
		return fmt.Errorf("expected an unknown outcome, got: %w", err)
	}
	s.say("lost      the answer for a friend: one key or none? It was not sent again.")

	key, err := s.hub.Get(ctx, luaprot.ByDiscordID(friend))
	switch {
	case errors.Is(err, luaprot.ErrNotFound):
		s.say("found     no key of the friend's: it is safe to add it now")
	case err != nil:
		return err
	default:
		s.say("found     the friend's key, %q: it was added after all, once", key.Note)
	}
	return nil
}

// remove deletes the key for good.
func (s *luaprotShop) remove(ctx context.Context, key *luaprot.Key) error {
	if err := s.hub.Delete(ctx, key.Ref()); err != nil {
		return err
	}
	_, err := s.hub.Get(ctx, luaprot.ByDiscordID(buyer))
	if !errors.Is(err, luaprot.ErrNotFound) {
		return fmt.Errorf("expected the key to be gone, got: %w", err)
	}
	s.say("deleted   the buyer's key: nobody finds it any more")
	return nil
}
