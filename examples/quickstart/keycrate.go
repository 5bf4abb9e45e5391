package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// customer is what the buyer signs in with, in place of the license key.
var customer = keycrate.Credentials{Username: "ada", Password: "correct horse battery staple"}

// keycrateShop sells licenses of a subscription through Keycrate.
type keycrateShop struct {
	teller
	client  *keycrate.Client // the shop's side of the wire
	program *keycrate.App    // the customer's side: it knows the id of the app, and no API key
	appID   string
	key     string // of the license that is sold
}

// keycrateStory runs the shop and the customer's program against the embedded
// mock.
func keycrateStory(ctx context.Context, out io.Writer) error {
	server := mockserver.New(mockserver.WithStart(opening))
	appID := server.Keycrate().AppID() // on the dashboard
	client, err := keycrate.New(keycrate.Config{
		APIKey:     server.Keycrate().APIKey(),
		HTTPClient: server.Client(), // leave this out, and the same code talks to the vendor
	})
	if err != nil {
		return err
	}
	program, err := keycrate.NewApp(keycrate.AppConfig{
		AppID:      appID,
		HTTPClient: server.Client(), // leave this out as well
	})
	if err != nil {
		return err
	}
	s := &keycrateShop{teller: teller{out, server}, client: client, program: program, appID: appID}

	fmt.Fprintln(out, "Keycrate")
	for _, chapter := range []func(context.Context) error{
		s.sell, s.signUp, s.moveDevice, s.extend, s.pause, s.expire,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sell makes a license of thirty days. The tag is the order's: by it the license
// is found again if the answer is lost.
func (s *keycrateShop) sell(ctx context.Context) error {
	premium, err := s.client.Subscriptions.Create(ctx, keycrate.CreateSubscriptionParams{AppID: s.appID, Name: "premium", Level: 2})
	if err != nil {
		return err
	}
	license, err := s.client.Licenses.Create(ctx, keycrate.CreateLicenseParams{
		AppID:          s.appID,
		SubscriptionID: premium.ID,
		Duration:       keycrate.Days(30),
		HWIDLock:       true,
		Tags:           []string{"order-1042"},
	})
	if err != nil {
		return err
	}
	s.key = license.Key
	s.say("sold      %v of %s for %s, from the first use on", license.Duration, premium.Name, license.Tags[0])
	return nil
}

// signUp is the customer's side: a name and a password take the key's place, and
// the first use starts the clock and binds the device.
func (s *keycrateShop) signUp(ctx context.Context) error {
	if _, err := s.program.Register(ctx, s.key, customer); err != nil {
		return err
	}
	s.say("signed up %s, with the license key", customer.Username)
	return s.start(ctx, "laptop", "phone")
}

// start is what the customer's program does when it starts.
func (s *keycrateShop) start(ctx context.Context, devices ...string) error {
	for _, device := range devices {
		auth, err := s.program.Authenticate(ctx, keycrate.AuthParams{Credentials: customer, HWID: device})
		var denial *keycrate.Denial
		switch {
		case err == nil:
			s.say("let in    on the %s: %s until %s", device, auth.Subscription.Name, date(auth.ExpiresAt))
		case errors.Is(err, keycrate.ErrLicenseExpired) && errors.As(err, &denial):
			s.say("kept out  on the %s: expired on %s", device, date(denial.ExpiresAt))
		case errors.As(err, &denial):
			s.say("kept out  on the %s: %s", device, denial.Code)
		default:
			return err // that was not the vendor: nothing is known of the license
		}
	}
	return nil
}

// moveDevice frees the license of the one device that it is bound to.
func (s *keycrateShop) moveDevice(ctx context.Context) error {
	if _, err := s.client.HWIDs.Clear(ctx, s.key); err != nil {
		return err
	}
	s.say("cleared   the device")
	return s.start(ctx, "phone")
}

// extend sells another thirty days at the very moment when the connection
// breaks. The license is in use, so that its end, noted before, tells whether they
// were added.
func (s *keycrateShop) extend(ctx context.Context) error {
	before, err := s.client.Licenses.Get(ctx, s.key)
	if err != nil {
		return err
	}
	s.server.Inject(mockserver.Fault{
		Op:    keycratemock.OpExtendLicense,
		Phase: mockserver.AfterCommit,
		Do:    mockserver.ConnReset(),
		Times: 1,
	})
	after, err := s.client.Licenses.Extend(ctx, s.key, 30*day)
	if errors.Is(err, keycrate.ErrUnknownOutcome) {
		s.say("lost      the answer for an extension: 30 days or none? It was not sent again.")
		after, err = s.client.Licenses.Get(ctx, s.key)
		if err == nil && !after.ExpiresAt.IsZero() && after.ExpiresAt.Equal(before.ExpiresAt) {
			after, err = s.client.Licenses.Extend(ctx, s.key, 30*day) // none, so this is safe
		}
	}
	if err != nil {
		return err
	}
	s.say("extended  from %s to %s, once", date(before.ExpiresAt), date(after.ExpiresAt))
	return nil
}

// pause keeps the customer out while a payment is in dispute. The clock goes on.
func (s *keycrateShop) pause(ctx context.Context) error {
	if _, err := s.client.Licenses.Pause(ctx, s.key); err != nil {
		return err
	}
	s.say("paused    the license")
	if err := s.start(ctx, "phone"); err != nil {
		return err
	}
	if _, err := s.client.Licenses.Activate(ctx, s.key); err != nil {
		return err
	}
	s.say("activated it again")
	return s.start(ctx, "phone")
}

// expire waits until the time is over. That does not show in the status.
func (s *keycrateShop) expire(ctx context.Context) error {
	s.server.Advance(60 * day)
	s.say("waited    60 days")
	if err := s.start(ctx, "phone"); err != nil {
		return err
	}
	license, err := s.client.Licenses.Get(ctx, s.key)
	if err != nil {
		return err
	}
	s.say("looked up the license: %s, expired: %t", license.Status, license.Expired(s.server.Now()))
	return nil
}
