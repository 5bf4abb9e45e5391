package junkie_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// opening is when the shop of the examples opens.
var opening = time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)

// newShop returns a client that speaks to a mock of the vendor, and the id of
// a provider there.
func newShop() (*junkie.Client, *mockserver.Server, int64) {
	server := mockserver.New(mockserver.WithStart(opening))
	server.Freeze()
	client, err := junkie.New(junkie.Config{
		APIKey:     server.Junkie().APIKey(),
		HTTPClient: server.Client(), // without it, the client speaks to the vendor
	})
	if err != nil {
		log.Fatal(err)
	}
	return client, server, server.Junkie().AddProvider("shop").ID
}

// A key is sold for thirty days and two devices.
func Example() {
	ctx := context.Background()
	client, _, provider := newShop()

	key, err := client.Keys.Create(ctx, junkie.CreateKeyParams{
		ProviderID: provider,
		Name:       "order 1042",
		Validity:   30 * 24 * time.Hour,
		HWIDLimit:  2,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Name, "is valid until", key.ExpiresAt.Format(time.DateOnly), "on", key.HWIDLimit, "devices")
	// Output: order 1042 is valid until 2026-01-31 on 2 devices
}

// Every fault of a configuration is reported at once.
func ExampleNew() {
	_, err := junkie.New(junkie.Config{BaseURL: "ftp://example.com", AttemptTimeout: -time.Second})
	fmt.Println(err)
	// Output:
	// junkie: BaseURL must begin with https:// and a host
	// APIKey is empty
	// AttemptTimeout is -1s: it cannot be negative; 0 means 30s
}

// The answer to a creation is lost. Was the key created? The name tells, since
// no other key bears it.
func ExampleKeysService_Create_unknownOutcome() {
	ctx := context.Background()
	client, server, provider := newShop()
	server.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})

	params := junkie.CreateKeyParams{ProviderID: provider, Name: "order 1042"}
	key, err := client.Keys.Create(ctx, params)
	var e *junkie.Error
	if errors.As(err, &e) && e.Outcome != junkie.OutcomeNotApplied {
		fmt.Println("outcome:", e.Outcome, "after attempts:", e.Attempts)
		key, err = findByName(ctx, client, provider, params.Name)
		if err == nil && key == nil {
			key, err = client.Keys.Create(ctx, params) // there is none, so this is safe
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("key", key.ID, "is the only one:", len(server.Junkie().Keys()) == 1)
	// Output:
	// outcome: unknown after attempts: 1
	// key 1 is the only one: true
}

// findByName returns the key of a provider with the given name, or nil.
func findByName(ctx context.Context, client *junkie.Client, provider int64, name string) (*junkie.Key, error) {
	for key, err := range client.Keys.All(ctx, junkie.ListKeysParams{ProviderID: provider}) {
		if err != nil {
			return nil, err
		}
		if key.Name == name {
			return key, nil
		}
	}
	return nil, nil
}

// The keys of a batch differ in nothing but their values, which are all that the
// vendor returns of them.
func ExampleKeysService_CreateBatch() {
	client, _, provider := newShop()
	batch, err := client.Keys.CreateBatch(context.Background(), junkie.CreateBatchParams{
		Amount:     25,
		ProviderID: provider,
		Name:       "spring giveaway",
		Validity:   7 * 24 * time.Hour,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(batch.Values), "keys to give away")
	// Output: 25 keys to give away
}

// The answer to CreateBatch is lost. A name that no other batch has tells what
// became of it: all of the keys are there, or none.
func ExampleKeysService_CreateBatch_unknownOutcome() {
	ctx := context.Background()
	client, server, provider := newShop()
	server.Inject(mockserver.Fault{Op: junkiemock.OpCreateKeys, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})

	params := junkie.CreateBatchParams{Amount: 25, ProviderID: provider, Name: "spring giveaway, batch 3"}
	_, err := client.Keys.CreateBatch(ctx, params)
	if errors.Is(err, junkie.ErrUnknownOutcome) {
		created := 0
		for key, err := range client.Keys.All(ctx, junkie.ListKeysParams{ProviderID: provider}) {
			if err != nil {
				log.Fatal(err) // still not known: look again later
			}
			if key.Name == params.Name {
				created++
			}
		}
		fmt.Println("created all the same:", created)
	}
	// Output: created all the same: 25
}

// An end user has typed a key. Is it genuine, and does it work today?
func ExampleKeysService_Get() {
	client, server, provider := newShop()
	typed := server.Junkie().AddKey(junkiemock.Key{ProviderID: provider}).Value

	key, err := client.Keys.Get(context.Background(), junkie.Value(typed))
	switch {
	case errors.Is(err, junkie.ErrNotFound):
		fmt.Println("no such key")
	case errors.Is(err, junkie.ErrInvalid):
		fmt.Println("this can be no key")
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println(key.Status(server.Now()), key.Usable(server.Now()))
	}
	// Output: active true
}

// The newest keys come first. A page says how many there are in all.
func ExampleKeysService_List() {
	client, server, provider := newShop()
	server.Junkie().AddKey(junkiemock.Key{ProviderID: provider, Name: "first"})
	server.Junkie().AddKey(junkiemock.Key{ProviderID: provider, Name: "second"})

	page, err := client.Keys.List(context.Background(), junkie.ListKeysParams{Status: junkie.StatusActive, Limit: 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(page.Keys[0].Name, "of", page.Total, "keys on", page.TotalPages, "pages")
	// Output: second of 2 keys on 2 pages
}

// The vendor cannot select by everything. What it has no filter for, such as
// premium keys, is found in passing.
func ExampleKeysService_All() {
	client, _, provider := newShop()
	ctx := context.Background()
	if _, err := client.Keys.CreateBatch(ctx, junkie.CreateBatchParams{Amount: 100, ProviderID: provider, Premium: true}); err != nil {
		log.Fatal(err)
	}
	if _, err := client.Keys.CreateBatch(ctx, junkie.CreateBatchParams{Amount: 50, ProviderID: provider}); err != nil {
		log.Fatal(err)
	}

	premium := 0
	for key, err := range client.Keys.All(ctx, junkie.ListKeysParams{ProviderID: provider}) {
		if err != nil {
			log.Fatal(err)
		}
		if key.Premium {
			premium++
		}
	}
	fmt.Println(premium, "premium keys")
	// Output: 100 premium keys
}

// Fields that are not set stay as they are; Null empties a field.
func ExampleKeysService_Update() {
	client, server, provider := newShop()
	ctx := context.Background()
	id := server.Junkie().AddKey(junkiemock.Key{ProviderID: provider, Name: "order 1042"}).ID

	_, err := client.Keys.Update(ctx, junkie.ID(id), junkie.UpdateKeyParams{
		ExpiresAt: junkie.Set(opening.AddDate(1, 0, 0)),
		Premium:   junkie.Set(true),
		DiscordID: junkie.Null[string](),
	})
	if err != nil {
		log.Fatal(err)
	}
	key, err := client.Keys.Get(ctx, junkie.ID(id)) // the vendor does not return the changed key
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Name, key.Premium, key.ExpiresAt.Format(time.DateOnly))
	// Output: order 1042 true 2027-01-01
}

// A key can be switched off and on again.
func ExampleKeysService_Update_invalidate() {
	client, server, provider := newShop()
	key := server.Junkie().AddKey(junkiemock.Key{ProviderID: provider})
	for _, off := range []bool{true, false} {
		params := junkie.UpdateKeyParams{Invalidated: junkie.Set(off)}
		if _, err := client.Keys.Update(context.Background(), junkie.ID(key.ID), params); err != nil {
			log.Fatal(err)
		}
		fmt.Println(server.Junkie().Verify(key.Value, "laptop").Code)
	}
	// Output:
	// KEY_INVALIDATED
	// KEY_VALID
}

// A deleted key is gone for good. A key that is to come back some day is switched
// off instead, see the example of Update.
func ExampleKeysService_Delete() {
	client, server, provider := newShop()
	key := server.Junkie().AddKey(junkiemock.Key{ProviderID: provider})
	if err := client.Keys.Delete(context.Background(), junkie.ID(key.ID)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(server.Junkie().Keys()), "keys left")
	// Output: 0 keys left
}

// References that lead to no key are skipped, and show in the numbers.
func ExampleKeysService_BulkDelete() {
	client, server, provider := newShop()
	one := server.Junkie().AddKey(junkiemock.Key{ProviderID: provider})
	two := server.Junkie().AddKey(junkiemock.Key{ProviderID: provider})

	result, err := client.Keys.BulkDelete(context.Background(), []junkie.KeyRef{
		junkie.ID(one.ID), junkie.Value(two.Value), junkie.Value("no such key"),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Deleted, "of", result.Requested)
	// Output: 2 of 3
}

// The customer has a new computer.
func ExampleKeysService_ResetHWIDs() {
	client, server, provider := newShop()
	key := server.Junkie().AddKey(junkiemock.Key{ProviderID: provider, HWIDLimit: 1})
	fmt.Println(server.Junkie().Verify(key.Value, "old computer").Code)
	fmt.Println(server.Junkie().Verify(key.Value, "new computer").Code)
	if err := client.Keys.ResetHWIDs(context.Background(), junkie.ID(key.ID)); err != nil {
		log.Fatal(err)
	}
	fmt.Println(server.Junkie().Verify(key.Value, "new computer").Code)
	// Output:
	// KEY_VALID
	// HWID_MISMATCH
	// KEY_VALID
}

// The answer to ResetHWIDs is lost. The devices tell: if those from before are
// still bound, it did not take place.
func ExampleKeysService_ResetHWIDs_unknownOutcome() {
	ctx := context.Background()
	client, server, provider := newShop()
	bound := server.Junkie().AddKey(junkiemock.Key{ProviderID: provider, Devices: []junkiemock.Device{{HWID: "old computer"}}})
	server.Inject(mockserver.Fault{Op: junkiemock.OpResetKeyHWIDs, Phase: mockserver.BeforeCommit, Do: mockserver.ConnReset(), Times: 1})

	called := server.Now()
	err := client.Keys.ResetHWIDs(ctx, junkie.ID(bound.ID))
	if errors.Is(err, junkie.ErrUnknownOutcome) {
		var key *junkie.Key
		if key, err = client.Keys.Get(ctx, junkie.ID(bound.ID)); err != nil {
			log.Fatal(err) // still not known: look again later
		}
		for _, device := range key.HWIDs {
			if device.BoundAt.Before(called) {
				fmt.Println(device.Value, "is still bound")
				err = client.Keys.ResetHWIDs(ctx, junkie.ID(bound.ID))
				break
			}
		}
	}
	fmt.Println("reset:", err == nil)
	// Output:
	// old computer is still bound
	// reset: true
}

// A folder is made in the dashboard. Its id says where keys are created.
func ExampleKeysService_Folders() {
	client, server, _ := newShop()
	server.Junkie().AddFolder("resellers")
	folders, err := client.Keys.Folders(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(folders[0].Name)
	// Output: resellers
}

// Arguments are checked before anything is sent, all of them at once.
func ExampleError() {
	client, _, _ := newShop()
	_, err := client.Keys.CreateBatch(context.Background(), junkie.CreateBatchParams{Amount: 250, Validity: 90 * time.Second})

	var e *junkie.Error
	if errors.As(err, &e) {
		for _, field := range e.Fields {
			fmt.Println(field)
		}
		fmt.Println("attempts:", e.Attempts)
	}
	// Output:
	// Amount: 250 is outside 1 to 100
	// ProviderID: 0 is no id: one of at least 1 is required
	// Validity: 1m30s is not a whole number of minutes, which the vendor counts in
	// attempts: 0
}

// OnAttempt sees every attempt, the ones that are repeated too.
func ExampleConfig_onAttempt() {
	server := mockserver.New()
	server.Inject(mockserver.Fault{Op: junkiemock.OpListFolders, Do: mockserver.Status(503), Times: 1})
	client, err := junkie.New(junkie.Config{
		APIKey:     server.Junkie().APIKey(),
		HTTPClient: server.Client(),
		Retry:      junkie.RetryPolicy{BaseDelay: time.Millisecond},
		OnAttempt: func(_ context.Context, a junkie.Attempt) {
			fmt.Println(a.Op, a.Number, a.StatusCode)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Keys.Folders(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// listFolders 1 503
	// listFolders 2 200
}

// A reference by value does not show the value.
func ExampleKeyRef() {
	fmt.Println(junkie.ID(42), junkie.Value("SHOP-0f8fad5b-d9cb-469f-a165-70867728950e"))
	// Output: ID(42) Value(…)
}
