package luaprot_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// opening is when the shop of the examples opens.
var opening = time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)

// buyer and friend are Discord users.
const (
	buyer  = "100000000000000001"
	friend = "100000000000000002"
)

// newShop returns a client that speaks to a mock of the vendor, and a hub there.
func newShop() (*luaprot.Client, *mockserver.Server, *luaprot.Hub) {
	server := mockserver.New(mockserver.WithStart(opening))
	server.Freeze()
	client, err := luaprot.New(luaprot.Config{
		APIKey:     server.LuaProt().APIKey(),
		HTTPClient: server.Client(), // without it, the client speaks to the vendor
	})
	if err != nil {
		log.Fatal(err)
	}
	return client, server, client.Hub(server.LuaProt().AddHub("shop").ID)
}

// A Discord user is let in for thirty days.
func Example() {
	_, _, hub := newShop()
	key, err := hub.Add(context.Background(), luaprot.AddKeyParams{
		DiscordID: buyer,
		ExpiresIn: 30 * 24 * time.Hour,
		Note:      "order 1042",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Note, "is valid until", key.ExpiresAt.Format(time.DateOnly))
	// Output: order 1042 is valid until 2026-01-31
}

// Every fault of a configuration is reported at once.
func ExampleNew() {
	_, err := luaprot.New(luaprot.Config{BaseURL: "ftp://example.com", Pacing: luaprot.NewPacing(luaprot.Window{Calls: 20})})
	fmt.Println(err)
	// Output:
	// luaprot: BaseURL must begin with https:// and a host
	// APIKey is empty
	// luaprot: Pacing: window 1 is 0s long: it must be at least 1ms
}

// The answer to Add is lost. Was the key created? The Discord user tells, since
// the hub has at most one key for each.
func ExampleHub_Add_unknownOutcome() {
	ctx := context.Background()
	_, server, hub := newShop()
	server.Inject(mockserver.Fault{Op: luaprotmock.OpAddKey, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})

	params := luaprot.AddKeyParams{DiscordID: buyer, ExpiresIn: 24 * time.Hour}
	key, err := hub.Add(ctx, params)
	var e *luaprot.Error
	if errors.As(err, &e) && e.Outcome != luaprot.OutcomeNotApplied {
		fmt.Println("outcome:", e.Outcome, "after attempts:", e.Attempts)
		key, err = hub.Get(ctx, luaprot.ByDiscordID(buyer))
		if errors.Is(err, luaprot.ErrNotFound) {
			key, err = hub.Add(ctx, params) // there is none, so this is safe
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("key of", key.DiscordID, "is the only one:", len(server.LuaProt().Keys()) == 1)
	// Output:
	// outcome: unknown after attempts: 1
	// key of 100000000000000001 is the only one: true
}

// A Discord user has at most one key of a hub.
func ExampleHub_Add_alreadyWhitelisted() {
	ctx := context.Background()
	_, server, hub := newShop()
	server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID(), DiscordID: buyer, ExpiresAt: opening.Add(time.Hour)})

	_, err := hub.Add(ctx, luaprot.AddKeyParams{DiscordID: buyer, ExpiresIn: 30 * 24 * time.Hour})
	if errors.Is(err, luaprot.ErrAlreadyWhitelisted) {
		key, err := hub.Update(ctx, luaprot.ByDiscordID(buyer), luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(30 * 24 * time.Hour)})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("prolonged until", key.ExpiresAt.Format(time.DateOnly))
	}
	// Output: prolonged until 2026-01-31
}

// Keys without a Discord user, for whoever comes first. A hub can have 300 of
// them.
func ExampleHub_Generate() {
	_, _, hub := newShop()
	keys, err := hub.Generate(context.Background(), luaprot.GenerateKeysParams{
		Amount:    25,
		ExpiresIn: 7 * 24 * time.Hour,
		Note:      "spring giveaway",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(keys), "keys to give away")
	// Output: 25 keys to give away
}

// The answer to Generate is lost. The Note tells what became of it.
func ExampleHub_Generate_unknownOutcome() {
	ctx := context.Background()
	client, server, hub := newShop()
	server.Inject(mockserver.Fault{Op: luaprotmock.OpGenerateKeys, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})

	params := luaprot.GenerateKeysParams{Amount: 10, Note: "spring giveaway, batch 3"}
	keys, err := hub.Generate(ctx, params)
	if errors.Is(err, luaprot.ErrUnknownOutcome) {
		for key, err := range client.Keys.All(ctx, luaprot.ListKeysParams{HubID: hub.ID(), Unassigned: luaprot.Set(true)}) {
			if err != nil {
				log.Fatal(err)
			}
			if key.Note == params.Note {
				keys = append(keys, key.Value)
			}
		}
		fmt.Println("created all the same:", len(keys))
	}
	// Output: created all the same: 10
}

// An end user has typed a key. Is it genuine, and does it work today?
func ExampleHub_Get() {
	_, server, hub := newShop()
	typed := server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID(), HWID: "old computer"}).Value

	key, err := hub.Get(context.Background(), luaprot.ByKey(typed))
	switch {
	case errors.Is(err, luaprot.ErrNotFound):
		fmt.Println("no such key")
	case err != nil:
		log.Fatal(err)
	default:
		device, bound := key.HWID.Get()
		fmt.Println(key.Usable(server.Now()), bound, device)
	}
	// Output: true true old computer
}

// Fields that are not set stay as they are; Null empties a field. Who has the
// key is said by the reference, who gets it by the parameters.
func ExampleHub_Update() {
	_, server, hub := newShop()
	server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID(), DiscordID: buyer, Note: "order 1042", ExpiresAt: opening.Add(time.Hour)})

	key, err := hub.Update(context.Background(), luaprot.ByDiscordID(buyer), luaprot.UpdateKeyParams{
		DiscordID: luaprot.Set(friend),
		ExpiresIn: luaprot.Null[time.Duration](), // for ever
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.DiscordID, key.Note, key.ExpiresAt.IsZero())
	// Output: 100000000000000002 order 1042 true
}

// A key can be barred, and let in again.
func ExampleHub_Blacklist() {
	ctx := context.Background()
	_, server, hub := newShop()
	script := server.LuaProt().AddScript(hub.ID(), "loader")
	key := server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID()})

	if _, err := hub.Blacklist(ctx, luaprot.ByKey(key.Value), "charged back"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(server.LuaProt().Check(script.ID, key.Value, "laptop").Status)
	if _, err := hub.Unblacklist(ctx, luaprot.ByKey(key.Value)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(server.LuaProt().Check(script.ID, key.Value, "laptop").Status)
	// Output:
	// BLACKLISTED
	// VALID
}

// A user who is deleted can be added again; one who is to stay out is
// blacklisted.
func ExampleHub_Delete() {
	_, server, hub := newShop()
	server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID(), DiscordID: buyer})
	if err := hub.Delete(context.Background(), luaprot.ByDiscordID(buyer)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(server.LuaProt().Keys()), "keys left")
	// Output: 0 keys left
}

// The customer has a new computer.
func ExampleHub_ResetHWID() {
	_, server, hub := newShop()
	script := server.LuaProt().AddScript(hub.ID(), "loader")
	key := server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID(), DiscordID: buyer})
	fmt.Println(server.LuaProt().Check(script.ID, key.Value, "old computer").Status)
	fmt.Println(server.LuaProt().Check(script.ID, key.Value, "new computer").Status)
	reset, err := hub.ResetHWID(context.Background(), luaprot.ByDiscordID(buyer))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(reset), "reset")
	fmt.Println(server.LuaProt().Check(script.ID, key.Value, "new computer").Status)
	// Output:
	// VALID
	// HWID_MISMATCH
	// 1 reset
	// VALID
}

// The answer to ResetHWID is lost. The vendor counts resets, so that the count
// from before the call tells.
func ExampleHub_ResetHWID_unknownOutcome() {
	ctx := context.Background()
	_, server, hub := newShop()
	server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID(), DiscordID: buyer, HWID: "old computer"})
	server.Inject(mockserver.Fault{Op: luaprotmock.OpResetHWID, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})

	before, err := hub.Get(ctx, luaprot.ByDiscordID(buyer))
	if err != nil {
		log.Fatal(err)
	}
	_, err = hub.ResetHWID(ctx, luaprot.ByKey(before.Value))
	if errors.Is(err, luaprot.ErrUnknownOutcome) {
		after, getErr := hub.Get(ctx, luaprot.ByKey(before.Value))
		switch {
		case getErr != nil:
			log.Fatal(getErr) // still not known: look again later
		case after.HWIDResetCount > before.HWIDResetCount:
			err = nil
		default:
			_, err = hub.ResetHWID(ctx, luaprot.ByKey(before.Value)) // it has not been reset, so this is safe
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("resets:", server.LuaProt().Keys()[0].HWIDResets)
	// Output: resets: 1
}

// The keys that belong to somebody. How many come on a page is up to the vendor.
func ExampleKeysService_List() {
	client, server, hub := newShop()
	server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID(), Note: "given away"})
	server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID(), Note: "order 1042", DiscordID: buyer})

	page, err := client.Keys.List(context.Background(), luaprot.ListKeysParams{HubID: hub.ID(), Unassigned: luaprot.Set(false)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page.Keys[0].Note, "is the only one of", page.Total, "key, with up to", page.Limit, "on a page")
	// Output: order 1042 is the only one of 1 key, with up to 25 on a page
}

// Keys that have expired stay until somebody clears them away.
func ExampleKeysService_All() {
	ctx := context.Background()
	client, server, hub := newShop()
	for range 60 {
		server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID(), ExpiresAt: opening.Add(time.Hour)})
	}
	server.Advance(2 * time.Hour)

	// List first and delete afterwards: deletions shift the pages.
	var expired []string
	for key, err := range client.Keys.All(ctx, luaprot.ListKeysParams{HubID: hub.ID(), Expired: luaprot.Set(true)}) {
		if err != nil {
			log.Fatal(err)
		}
		expired = append(expired, key.Value)
	}
	if err := client.Keys.BulkDelete(ctx, expired); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(expired), "deleted,", len(server.LuaProt().Keys()), "left")
	// Output: 60 deleted, 0 left
}

// The vendor does not say how many of the keys there were. What is gone already
// does no harm, so the same list may be sent again after a lost answer.
func ExampleKeysService_BulkDelete() {
	ctx := context.Background()
	client, server, hub := newShop()
	leaked := []string{
		server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID()}).Value,
		server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID()}).Value,
	}
	for range 2 {
		if err := client.Keys.BulkDelete(ctx, leaked); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(len(server.LuaProt().Keys()), "keys left")
	// Output: 0 keys left
}

// Arguments are checked before anything is sent, all of them at once.
func ExampleError() {
	client, _, _ := newShop()
	_, err := client.Hub("").Generate(context.Background(), luaprot.GenerateKeysParams{Amount: 4, ExpiresIn: time.Minute})

	var e *luaprot.Error
	if errors.As(err, &e) {
		for _, field := range e.Fields {
			fmt.Println(field)
		}
		fmt.Println("attempts:", e.Attempts)
	}
	// Output:
	// Amount: 4 is outside 5 to 300
	// ExpiresIn: 1m0s is less than 1h0m0s, the shortest the vendor accepts
	// hub: an empty id names no hub: the vendor's dashboard shows the ids
	// attempts: 0
}

// OnAttempt sees every attempt, the ones that are repeated too.
func ExampleConfig_onAttempt() {
	server := mockserver.New()
	server.Inject(mockserver.Fault{Op: luaprotmock.OpFetchKeys, Do: mockserver.Status(503), Times: 1})
	client, err := luaprot.New(luaprot.Config{
		APIKey:     server.LuaProt().APIKey(),
		HTTPClient: server.Client(),
		Retry:      luaprot.RetryPolicy{BaseDelay: time.Millisecond},
		OnAttempt: func(_ context.Context, a luaprot.Attempt) {
			fmt.Println(a.Op, a.Number, a.StatusCode)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Keys.List(context.Background(), luaprot.ListKeysParams{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// fetchKeys 1 503
	// fetchKeys 2 200
}

// Clients that use one API key share one Pacing. NewPacing without windows has
// the limits that the vendor documents.
func ExampleNewPacing() {
	world := mockserver.New().LuaProt()
	pacing := luaprot.NewPacing()
	for _, program := range []string{"shop", "bot"} {
		_, err := luaprot.New(luaprot.Config{APIKey: world.APIKey(), UserAgent: program, Pacing: pacing})
		if err != nil {
			log.Fatal(err)
		}
	}
	// Half of the limits, for one of two processes that use the key.
	_, err := luaprot.New(luaprot.Config{
		APIKey: world.APIKey(),
		Pacing: luaprot.NewPacing(luaprot.Window{Calls: 10, Per: 10 * time.Second}, luaprot.Window{Calls: 30, Per: time.Minute}),
	})
	fmt.Println(err)
	// Output: <nil>
}

// What an answer does not say differs from what is not there.
func ExampleOpt() {
	ctx := context.Background()
	_, server, hub := newShop()
	value := server.LuaProt().AddKey(luaprotmock.Key{HubID: hub.ID()}).Value

	updated, err := hub.Update(ctx, luaprot.ByKey(value), luaprot.UpdateKeyParams{Note: luaprot.Set("order 1042")})
	if err != nil {
		log.Fatal(err)
	}
	read, err := hub.Get(ctx, luaprot.ByKey(value))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("after Update:", updated.HWID, "- the answer does not tell:", updated.HWID.IsZero())
	fmt.Println("after Get:", read.HWID, "- bound to no device:", read.HWID.IsNull())
	// Output:
	// after Update: unset - the answer does not tell: true
	// after Get: null - bound to no device: true
}

// A reference by key does not show the key.
func ExampleKeyRef() {
	fmt.Println(luaprot.ByDiscordID(buyer), luaprot.ByKey("0123456789abcdef00000001"))
	// Output: ByDiscordID(100000000000000001) ByKey(…)
}
