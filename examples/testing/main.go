// Testing is a small program that lets in customers with a license, and a job that
// renews licenses; and app_test.go has the tests of both, to be copied.
//
//	go run ./examples/testing    # the program, against the embedded mock
//	go test ./examples/testing   # what this is about
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

func main() {
	if err := story(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "testing:", err)
		os.Exit(1)
	}
}

// story is two months in the life of a customer.
func story(ctx context.Context, out io.Writer) error {
	server := mockserver.New(mockserver.WithStart(time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)))
	license := server.Keycrate().AddLicense(keycratemock.License{ // that your shop has sold
		DurationUnit: keycratemock.UnitDays, DurationValue: 30, HWIDLock: true,
	}).Key
	app, err := keycrate.NewApp(keycrate.AppConfig{
		AppID:      server.Keycrate().AppID(),
		HTTPClient: server.Client(), // leave this out, and the same code talks to the vendor
	})
	if err != nil {
		return err
	}
	client, err := keycrate.New(keycrate.Config{APIKey: server.Keycrate().APIKey(), HTTPClient: server.Client()})
	if err != nil {
		return err
	}
	say := func(format string, args ...any) {
		fmt.Fprintf(out, "%s  %s\n", server.Now().Format(time.DateOnly), fmt.Sprintf(format, args...))
	}
	start := func(device string) {
		gate := &Gate{App: app, License: license, Device: device, Now: server.Now}
		ok, why := gate.Enter(ctx)
		if ok {
			why = "Welcome."
		}
		say("started on the %s: %s", device, why)
	}

	start("laptop")
	start("phone")
	server.Advance(31 * 24 * time.Hour)
	start("laptop")

	payments := []*Payment{{License: license}}
	renewals := &Renewals{Licenses: client.Licenses, Save: func(*Payment) error { return nil }}
	server.Inject(mockserver.Fault{Op: keycratemock.OpExtendLicense, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})
	if err := renewals.Run(ctx, payments); errors.Is(err, keycrate.ErrUnknownOutcome) {
		say("paid for a month, and the vendor's answer is lost")
	}
	if err := renewals.Run(ctx, payments); err != nil {
		return err
	}
	say("looked again: extended %d time", len(server.Effects(keycratemock.EffectLicenseExtended)))
	start("laptop")
	return nil
}
