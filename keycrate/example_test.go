package keycrate_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// opening is when the shop of the examples opens.
var opening = time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)

// shop is what most examples need: a client that speaks to a mock of the vendor,
// an app and a subscription there.
type shop struct {
	*keycrate.Client
	server    *mockserver.Server
	app, tier string
}

func newShop() *shop {
	server := mockserver.New(mockserver.WithStart(opening))
	server.Freeze()
	client, err := keycrate.New(keycrate.Config{
		APIKey:     server.Keycrate().APIKey(),
		HTTPClient: server.Client(), // without it, the client speaks to the vendor
	})
	if err != nil {
		log.Fatal(err)
	}
	tier := server.Keycrate().AddSubscription(keycratemock.Subscription{Name: "premium", Level: 2})
	return &shop{client, server, server.Keycrate().AppID(), tier.ID}
}

// program returns what the program of an end user asks the vendor with.
func (s *shop) program() *keycrate.App {
	app, err := keycrate.NewApp(keycrate.AppConfig{AppID: s.app, HTTPClient: s.server.Client()})
	if err != nil {
		log.Fatal(err)
	}
	return app
}

// loseAnswer breaks the connection once, when the vendor has done the work.
func (s *shop) loseAnswer(op string) {
	s.server.Inject(mockserver.Fault{Op: op, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})
}

// addWeek puts a license of seven days into the vendor's books.
func (s *shop) addWeek() string {
	return s.server.Keycrate().AddLicense(keycratemock.License{
		SubscriptionID: s.tier, DurationUnit: keycratemock.UnitDays, DurationValue: 7, HWIDLock: true,
	}).Key
}

// A license is sold for thirty days, which begin when it is first used.
func Example() {
	shop := newShop()
	license, err := shop.Licenses.Create(context.Background(), keycrate.CreateLicenseParams{
		AppID:          shop.app,
		SubscriptionID: shop.tier,
		Duration:       keycrate.Days(30),
		HWIDLock:       true,
		Metadata:       keycrate.Metadata{"discord_id": "100000000000000001"},
		Tags:           []string{"order-1042"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("sold for", license.Duration, "from the first use on:", license.Unused())
	// Output: sold for 30 days from the first use on: true
}

// Every fault of a configuration is reported at once.
func ExampleNew() {
	_, err := keycrate.New(keycrate.Config{APIKey: "my-key", BaseURL: "ftp://example.com"})
	fmt.Println(err)
	// Output:
	// keycrate: BaseURL must begin with https:// and a host
	// keycrate: APIKey does not begin with kc_ as the vendor's keys do: pass the key alone, as the dashboard shows it
}

// The answer to Create is lost. Was the license created? A tag that no other
// license has tells.
func ExampleLicensesService_Create_unknownOutcome() {
	ctx, shop := context.Background(), newShop()
	shop.loseAnswer(keycratemock.OpCreateLicense)

	const order = "order-1042"
	params := keycrate.CreateLicenseParams{AppID: shop.app, SubscriptionID: shop.tier, Duration: keycrate.Days(30), Tags: []string{order}}
	license, err := shop.Licenses.Create(ctx, params)
	var e *keycrate.Error
	if errors.As(err, &e) && e.Outcome != keycrate.OutcomeNotApplied {
		fmt.Println("outcome:", e.Outcome, "after attempts:", e.Attempts)
		for found, listErr := range shop.Licenses.All(ctx, keycrate.ListLicensesParams{AppID: shop.app, Tags: []string{order}}) {
			if listErr != nil {
				log.Fatal(listErr) // still not known: look again later
			}
			if slices.Contains(found.Tags, order) { // whether the filter works or not
				license, err = found, nil
			}
		}
		if license == nil {
			license, err = shop.Licenses.Create(ctx, params) // there is none, so this is safe
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("license of", license.Tags, "is the only one:", len(shop.server.Keycrate().Licenses()) == 1)
	// Output:
	// outcome: unknown after attempts: 1
	// license of [order-1042] is the only one: true
}

// All licenses are alike, but for their keys. The tag of the batch finds them
// later.
func ExampleLicensesService_CreateBulk() {
	shop := newShop()
	licenses, err := shop.Licenses.CreateBulk(context.Background(), 100, keycrate.CreateLicenseParams{
		AppID:          shop.app,
		SubscriptionID: shop.tier,
		Duration:       keycrate.Days(7),
		HWIDLock:       true,
		Tags:           []string{"trial", "batch-001"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(licenses), "trials to give away")
	// Output: 100 trials to give away
}

// The answer to CreateBulk is lost. The tag of the batch tells what became of
// it.
func ExampleLicensesService_CreateBulk_unknownOutcome() {
	ctx, shop := context.Background(), newShop()
	shop.loseAnswer(keycratemock.OpCreateLicensesBulk)

	const batch = "batch-001"
	licenses, err := shop.Licenses.CreateBulk(ctx, 150, keycrate.CreateLicenseParams{
		AppID: shop.app, SubscriptionID: shop.tier, Duration: keycrate.Days(7), Tags: []string{"trial", batch},
	})
	if errors.Is(err, keycrate.ErrUnknownOutcome) {
		for license, err := range shop.Licenses.All(ctx, keycrate.ListLicensesParams{AppID: shop.app, Tags: []string{batch}}) {
			if err != nil {
				log.Fatal(err)
			}
			if slices.Contains(license.Tags, batch) {
				licenses = append(licenses, license)
			}
		}
		fmt.Println("created all the same:", len(licenses))
	}
	// Output: created all the same: 150
}

// A customer writes in with a key.
func ExampleLicensesService_Get() {
	shop := newShop()
	typed := shop.addWeek()
	shop.server.Keycrate().Auth(typed, "laptop")
	shop.server.Advance(8 * 24 * time.Hour)

	license, err := shop.Licenses.Get(context.Background(), typed)
	switch now := shop.server.Now(); {
	case errors.Is(err, keycrate.ErrLicenseNotFound):
		fmt.Println("no such license")
	case err != nil:
		log.Fatal(err)
	case license.Expired(now):
		fmt.Println(license.Status, "but expired on", license.ExpiresAt.Format(time.DateOnly))
	default:
		fmt.Println("usable:", license.Usable(now))
	}
	// Output: active but expired on 2026-01-08
}

// The newest licenses of a tier, a page at a time, say for a table on a website.
func ExampleLicensesService_List() {
	shop := newShop()
	for range 12 {
		shop.addWeek()
	}
	page, err := shop.Licenses.List(context.Background(), keycrate.ListLicensesParams{
		AppID:          shop.app,
		SubscriptionID: shop.tier,
		SortField:      keycrate.SortByCreatedAt,
		SortOrder:      keycrate.SortDescending,
		PerPage:        5,
		Page:           3,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Licenses), "of", page.Total, "licenses are on page", page.Page, "of", page.TotalPages)
	// Output: 2 of 12 licenses are on page 3 of 3
}

// List first and delete afterwards: deletions shift the pages.
func ExampleLicensesService_All() {
	ctx, shop := context.Background(), newShop()
	for range 120 {
		shop.server.Keycrate().AddLicense(keycratemock.License{SubscriptionID: shop.tier, ExpiresAt: opening.Add(time.Hour)})
	}
	shop.addWeek()
	shop.server.Advance(2 * time.Hour)

	var expired []string
	for license, err := range shop.Licenses.All(ctx, keycrate.ListLicensesParams{AppID: shop.app}) {
		if err != nil {
			log.Fatal(err)
		}
		if license.Expired(shop.server.Now()) {
			expired = append(expired, license.Key)
		}
	}
	deletion, err := shop.Licenses.DeleteBulk(ctx, expired)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(deletion.Licenses, "deleted,", len(shop.server.Keycrate().Licenses()), "left")
	// Output: 120 deleted, 1 left
}

// Time that is added to a license which nobody has used yet is added to what it
// will have from its first use on.
func ExampleLicensesService_Extend() {
	shop := newShop()
	license, err := shop.Licenses.Extend(context.Background(), shop.addWeek(), 24*time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("granted:", license.Granted, "- the clock runs:", !license.ExpiresAt.IsZero())
	// Output: granted: 192h0m0s - the clock runs: false
}

// The answer to Extend is lost. The expiry noted before tells whether the time
// was added; adding it again unseen might add it twice.
func ExampleLicensesService_Extend_unknownOutcome() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	shop.server.Keycrate().Auth(key, "laptop") // the clock starts

	before, err := shop.Licenses.Get(ctx, key)
	if err != nil {
		log.Fatal(err)
	}
	shop.loseAnswer(keycratemock.OpExtendLicense)
	after, err := shop.Licenses.Extend(ctx, key, 30*24*time.Hour)
	if errors.Is(err, keycrate.ErrUnknownOutcome) {
		after, err = shop.Licenses.Get(ctx, key)
		if err != nil {
			log.Fatal(err) // still not known: look again later
		}
		// ExpiresAt moves if the license is in use, Granted if it is not.
		switch {
		case after.ExpiresAt.IsZero() && after.Granted == 0:
			log.Fatal("the vendor shows neither: compare ", string(before.Raw), " with ", string(after.Raw))
		case after.ExpiresAt.Equal(before.ExpiresAt) && after.Granted == before.Granted:
			after, err = shop.Licenses.Extend(ctx, key, 30*24*time.Hour) // it has not, so this is safe
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("from", before.ExpiresAt.Format(time.DateOnly), "to", after.ExpiresAt.Format(time.DateOnly))
	// Output: from 2026-01-08 to 2026-02-07
}

// The answer to ExtendBulk is lost. What was noted of each license tells which
// ones to extend again.
func ExampleLicensesService_ExtendBulk_unknownOutcome() {
	ctx, shop := context.Background(), newShop()
	keys := []string{shop.addWeek(), shop.addWeek()}
	before := map[string]*keycrate.License{}
	for _, key := range keys {
		license, err := shop.Licenses.Get(ctx, key)
		if err != nil {
			log.Fatal(err)
		}
		before[key] = license
	}
	shop.loseAnswer(keycratemock.OpExtendLicensesBulk)
	_, err := shop.Licenses.ExtendBulk(ctx, keys, 30*24*time.Hour)
	if errors.Is(err, keycrate.ErrUnknownOutcome) {
		var left []string
		for _, key := range keys {
			now, err := shop.Licenses.Get(ctx, key)
			if err != nil {
				log.Fatal(err)
			}
			if now.ExpiresAt.Equal(before[key].ExpiresAt) && now.Granted == before[key].Granted {
				left = append(left, key)
			}
		}
		fmt.Println("left to extend:", len(left))
	}
	license, _ := shop.server.Keycrate().License(keys[0])
	fmt.Println("granted in all:", time.Duration(license.DurationSeconds)*time.Second)
	// Output:
	// left to extend: 0
	// granted in all: 888h0m0s
}

// A status that comes from elsewhere, such as a form, is set by SetStatus; one
// that is unknown is refused before anything is sent.
func ExampleLicensesService_SetStatus() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	for _, wanted := range []keycrate.Status{"paused", "expired"} {
		license, err := shop.Licenses.SetStatus(ctx, key, wanted)
		if errors.Is(err, keycrate.ErrInvalid) {
			fmt.Println(wanted, "is no status to set")
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("now", license.Status)
	}
	// Output:
	// now paused
	// expired is no status to set
}

// A license can be switched off and on. Its clock goes on meanwhile.
func ExampleLicensesService_Pause() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	if _, err := shop.Licenses.Pause(ctx, key); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shop.server.Keycrate().Auth(key, "laptop").Code)
	if _, err := shop.Licenses.Activate(ctx, key); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shop.server.Keycrate().Auth(key, "laptop").Success)
	// Output:
	// LICENSE_NOT_ACTIVE
	// true
}

// A reseller has not paid. All of the reseller's licenses stop working, or none
// does.
func ExampleLicensesService_SetStatusBulk() {
	shop := newShop()
	sold := []string{shop.addWeek(), shop.addWeek(), shop.addWeek()}
	licenses, err := shop.Licenses.SetStatusBulk(context.Background(), sold, keycrate.StatusPaused)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(licenses), "paused;", shop.server.Keycrate().Auth(sold[2], "laptop").Code)
	// Output: 3 paused; LICENSE_NOT_ACTIVE
}

// The customer has bought the better tier.
func ExampleLicensesService_SetSubscription() {
	shop := newShop()
	gold := shop.server.Keycrate().AddSubscription(keycratemock.Subscription{Name: "gold", Level: 3})
	license, err := shop.Licenses.SetSubscription(context.Background(), shop.addWeek(), gold.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("upgraded:", license.SubscriptionID == gold.ID)
	// Output: upgraded: true
}

// The customer has forgotten the password. An empty one leaves it as it is, and
// changes the username alone.
func ExampleLicensesService_SetCredentials() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	credentials := keycrate.Credentials{Username: "example", Password: "correct horse"}
	if _, err := shop.Licenses.SetCredentials(ctx, key, credentials); err != nil {
		log.Fatal(err)
	}
	auth, err := shop.program().Authenticate(ctx, keycrate.AuthParams{Credentials: credentials, HWID: "laptop"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("signed in:", auth.Username)
	// Output: signed in: example
}

// To change one value, read all of them first: SetMetadata replaces the whole.
func ExampleLicensesService_SetMetadata() {
	ctx, shop := context.Background(), newShop()
	key := shop.server.Keycrate().AddLicense(keycratemock.License{Metadata: map[string]any{"discord_id": "100000000000000001", "vip": false}}).Key

	license, err := shop.Licenses.Get(ctx, key)
	if err != nil {
		log.Fatal(err)
	}
	metadata := license.Metadata
	metadata["vip"] = true
	license, err = shop.Licenses.SetMetadata(ctx, key, metadata)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(license.Metadata)
	// Output: map[discord_id:100000000000000001 vip:true]
}

// The customer has got the money back. Nothing brings the license back.
func ExampleLicensesService_Delete() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	if err := shop.Licenses.Delete(ctx, key); err != nil {
		log.Fatal(err)
	}
	_, err := shop.Licenses.Get(ctx, key)
	fmt.Println("gone:", errors.Is(err, keycrate.ErrLicenseNotFound))
	// Output: gone: true
}

// A key that has no license keeps the others from being deleted, so that a list
// with a mistake in it does no harm.
func ExampleLicensesService_DeleteBulk() {
	ctx, shop := context.Background(), newShop()
	keys := []string{shop.addWeek(), shop.addWeek()}
	_, err := shop.Licenses.DeleteBulk(ctx, append(keys, "no-such-key"))
	fmt.Println("refused:", errors.Is(err, keycrate.ErrLicenseNotFound))
	deletion, err := shop.Licenses.DeleteBulk(ctx, keys)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("deleted:", deletion.Licenses)
	// Output:
	// refused: true
	// deleted: 2
}

// The support team moves a license to the device that the customer names, so
// that no other can be quicker.
func ExampleHWIDsService_Set() {
	shop := newShop()
	key := shop.addWeek()
	if _, err := shop.HWIDs.Set(context.Background(), key, "new computer"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shop.server.Keycrate().Auth(key, "somebody else's").Code)
	fmt.Println(shop.server.Keycrate().Auth(key, "new computer").Success)
	// Output:
	// HWID_MISMATCH
	// true
}

// The customer has a new computer.
func ExampleHWIDsService_Clear() {
	shop := newShop()
	key := shop.addWeek()
	fmt.Println(shop.server.Keycrate().Auth(key, "old computer").Success)
	fmt.Println(shop.server.Keycrate().Auth(key, "new computer").Code)
	if _, err := shop.HWIDs.Clear(context.Background(), key); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shop.server.Keycrate().Auth(key, "new computer").Success)
	// Output:
	// true
	// HWID_MISMATCH
	// true
}

// The answer to SetLock is lost. The vendor calls it a toggle, so sending it
// again unseen might switch the lock back.
func ExampleHWIDsService_SetLock_unknownOutcome() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	shop.loseAnswer(keycratemock.OpSetHWIDLock)

	license, err := shop.HWIDs.SetLock(ctx, key, false)
	if errors.Is(err, keycrate.ErrUnknownOutcome) {
		if license, err = shop.Licenses.Get(ctx, key); err == nil && license.HWIDLock {
			license, err = shop.HWIDs.SetLock(ctx, key, false) // it is locked still, so this is right
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("locked:", license.HWIDLock)
	// Output: locked: false
}

// The answer to SetLockBulk is lost. Look at each license.
func ExampleHWIDsService_SetLockBulk_unknownOutcome() {
	ctx, shop := context.Background(), newShop()
	keys := []string{shop.addWeek(), shop.addWeek()}
	shop.loseAnswer(keycratemock.OpSetHWIDLockBulk)

	_, err := shop.HWIDs.SetLockBulk(ctx, keys, false)
	if errors.Is(err, keycrate.ErrUnknownOutcome) {
		var locked []string
		for _, key := range keys {
			license, err := shop.Licenses.Get(ctx, key)
			if err != nil {
				log.Fatal(err)
			}
			if license.HWIDLock {
				locked = append(locked, key)
			}
		}
		fmt.Println("still locked:", len(locked))
	}
	// Output: still locked: 0
}

// The answer to SetResetAllowed is lost. Look before sending it again.
func ExampleHWIDsService_SetResetAllowed_unknownOutcome() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	shop.loseAnswer(keycratemock.OpSetHWIDResetAllowed)

	license, err := shop.HWIDs.SetResetAllowed(ctx, key, true)
	if errors.Is(err, keycrate.ErrUnknownOutcome) {
		if license, err = shop.Licenses.Get(ctx, key); err == nil && !license.HWIDResetAllowed {
			license, err = shop.HWIDs.SetResetAllowed(ctx, key, true)
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("allowed:", license.HWIDResetAllowed)
	// Output: allowed: true
}

// End users may change their device once a week.
func ExampleHWIDsService_SetResetInterval() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	if _, err := shop.HWIDs.SetResetAllowed(ctx, key, true); err != nil {
		log.Fatal(err)
	}
	license, err := shop.HWIDs.SetResetInterval(ctx, key, 7*24*time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	portal := shop.server.Keycrate() // where end users reset their device themselves
	portal.Auth(key, "old computer")
	fmt.Println("every", license.HWIDResetCooldown, "- first:", portal.PortalReset(key).Done, "- again:", portal.PortalReset(key).Blocked)
	// Output: every 168h0m0s - first: true - again: cooling down
}

// The answer to Create is lost. The name tells, if no other subscription of the
// app has it.
func ExampleSubscriptionsService_Create_unknownOutcome() {
	ctx, shop := context.Background(), newShop()
	shop.loseAnswer(keycratemock.OpCreateSubscription)

	params := keycrate.CreateSubscriptionParams{AppID: shop.app, Name: "gold", Level: 3}
	gold, err := shop.Subscriptions.Create(ctx, params)
	if errors.Is(err, keycrate.ErrUnknownOutcome) {
		for subscription, err := range shop.Subscriptions.All(ctx, shop.app) {
			if err != nil {
				log.Fatal(err) // still not known: look again later
			}
			if subscription.Name == params.Name {
				gold = subscription
			}
		}
		if err = nil; gold == nil {
			gold, err = shop.Subscriptions.Create(ctx, params) // there is none, so this is safe
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(gold.Name, gold.Level)
	// Output: gold 3
}

// The tiers of an app, the lowest level first.
func ExampleSubscriptionsService_List() {
	ctx, shop := context.Background(), newShop()
	if _, err := shop.Subscriptions.Create(ctx, keycrate.CreateSubscriptionParams{AppID: shop.app, Name: "basic", Level: 1}); err != nil {
		log.Fatal(err)
	}
	tiers, err := shop.Subscriptions.List(ctx, shop.app)
	if err != nil {
		log.Fatal(err)
	}
	for _, tier := range tiers {
		fmt.Println(tier.Level, tier.Name, tier.Status)
	}
	// Output:
	// 1 basic active
	// 2 premium active
}

// A tier is configured by its name, and its id looked up when the shop starts.
func ExampleSubscriptionsService_All() {
	shop := newShop()
	for tier, err := range shop.Subscriptions.All(context.Background(), shop.app) {
		if err != nil {
			log.Fatal(err)
		}
		if tier.Name == "premium" {
			fmt.Println("found:", tier.ID == shop.tier)
			break
		}
	}
	// Output: found: true
}

// A device gets one license of this tier from now on. Fields that are not set
// stay as they are.
func ExampleSubscriptionsService_Edit() {
	shop := newShop()
	tier, err := shop.Subscriptions.Edit(context.Background(), shop.tier, keycrate.EditSubscriptionParams{
		SingleKeyPerHWID: keycrate.Set(true),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tier.Name, tier.Level, tier.SingleKeyPerHWID)
	// Output: premium 2 true
}

// Deleting a subscription deletes its licenses. Whoever has paid for one is
// moved to another subscription first.
func ExampleSubscriptionsService_Delete() {
	ctx, shop := context.Background(), newShop()
	paid := shop.addWeek()
	shop.addWeek()
	other := shop.server.Keycrate().AddSubscription(keycratemock.Subscription{Name: "gold"})

	if _, err := shop.Licenses.SetSubscription(ctx, paid, other.ID); err != nil {
		log.Fatal(err)
	}
	deletion, err := shop.Subscriptions.Delete(ctx, shop.tier)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("licenses deleted with it:", deletion.Licenses)
	// Output: licenses deleted with it: 1
}

// What the program of an end user does when it starts.
func ExampleApp_Authenticate() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	program := shop.program() // knows the id of the app, and no API key

	start := func(device string) {
		var denial *keycrate.Denial
		switch auth, err := program.Authenticate(ctx, keycrate.AuthParams{License: key, HWID: device}); {
		case err == nil:
			fmt.Println("welcome to", auth.Subscription.Name, "until", auth.ExpiresAt.Format(time.DateOnly))
		case errors.Is(err, keycrate.ErrLicenseExpired):
			fmt.Println("please renew")
		case errors.As(err, &denial):
			fmt.Println("no:", denial.Code)
		default:
			fmt.Println("not known: that was not the vendor")
		}
	}
	start("laptop")
	start("desktop")
	shop.server.Advance(7 * 24 * time.Hour)
	start("laptop")
	shop.server.Inject(mockserver.Fault{Op: keycratemock.OpAuthenticate, Do: mockserver.HTMLPage(403), Times: 1})
	start("laptop")
	// Output:
	// welcome to premium until 2026-01-08
	// no: HWID_MISMATCH
	// please renew
	// not known: that was not the vendor
}

// The answer to Register is lost. Whether the credentials are accepted tells.
func ExampleApp_Register_unknownOutcome() {
	ctx, shop := context.Background(), newShop()
	key := shop.addWeek()
	program := shop.program()
	shop.loseAnswer(keycratemock.OpRegister)

	credentials := keycrate.Credentials{Username: "example", Password: "correct horse"}
	_, err := program.Register(ctx, key, credentials)
	if errors.Is(err, keycrate.ErrUnknownOutcome) {
		_, err = program.Authenticate(ctx, keycrate.AuthParams{Credentials: credentials, HWID: "laptop"})
		if errors.Is(err, keycrate.ErrInvalidCredentials) {
			_, err = program.Register(ctx, key, credentials) // they are not, so this is safe
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	license, _ := shop.server.Keycrate().License(key)
	fmt.Println("registered:", license.Username)
	// Output: registered: example
}

// The vendor says when the end user can have the device reset.
func ExampleDenial() {
	ctx, shop := context.Background(), newShop()
	key := shop.server.Keycrate().AddLicense(keycratemock.License{
		HWIDLock: true, HWID: "old computer", HWIDResetAllowed: true, HWIDResetCooldown: 72 * time.Hour, LastHWIDResetAt: opening.Add(-24 * time.Hour),
	}).Key

	_, err := shop.program().Authenticate(ctx, keycrate.AuthParams{License: key, HWID: "new computer"})
	var denial *keycrate.Denial
	if errors.Is(err, keycrate.ErrHWIDMismatch) && errors.As(err, &denial) {
		if at, ok := denial.HWIDResetAt(); ok {
			fmt.Println("reset the device in the vendor's portal from", at.Format(time.DateOnly), "on")
		}
	}
	// Output: reset the device in the vendor's portal from 2026-01-03 on
}

// Arguments are checked before anything is sent, all of them at once.
func ExampleError() {
	shop := newShop()
	_, err := shop.Licenses.Create(context.Background(), keycrate.CreateLicenseParams{AppID: "my-app", SubscriptionID: shop.tier, Duration: keycrate.Days(0)})
	var e *keycrate.Error
	if errors.As(err, &e) {
		for _, field := range e.Fields {
			fmt.Println(field)
		}
		fmt.Println("attempts:", e.Attempts)
	}
	// Output:
	// AppID: not a UUID such as 01234567-89ab-cdef-0123-456789abcdef, which the vendor's ids are
	// Duration: 0 days is no duration: at least 1 is required, or Lifetime
	// attempts: 0
}

// OnAttempt sees every attempt, the ones that are repeated too.
func ExampleConfig_onAttempt() {
	server := mockserver.New()
	server.Inject(mockserver.Fault{Op: keycratemock.OpListSubscriptions, Do: mockserver.Status(503), Times: 1})
	client, err := keycrate.New(keycrate.Config{
		APIKey:     server.Keycrate().APIKey(),
		HTTPClient: server.Client(),
		Retry:      keycrate.RetryPolicy{BaseDelay: time.Millisecond},
		OnAttempt: func(_ context.Context, a keycrate.Attempt) {
			fmt.Println(a.Op, a.Number, a.StatusCode)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Subscriptions.List(context.Background(), server.Keycrate().AppID()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// listSubscriptions 1 503
	// listSubscriptions 2 200
}

// Durations are sent in the units in which they were made, and not converted.
func ExampleDuration() {
	for _, duration := range []keycrate.Duration{keycrate.Hours(12), keycrate.Months(3), keycrate.Lifetime} {
		fmt.Println(duration)
	}
	// Output:
	// 12 hours
	// 3 months
	// lifetime
}
