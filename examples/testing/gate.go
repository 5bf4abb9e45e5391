package main

import (
	"context"
	"errors"
	"time"

	"github.com/keysmith-go/keysmith/keycrate"
)

const (
	patience = 5 * time.Second    // how long a customer waits for the program to start
	grace    = 3 * 24 * time.Hour // how long the program runs on without the vendor
)

// Gate stands at the start of the program on a customer's device.
type Gate struct {
	App     *keycrate.App
	License string // as the customer has typed it
	Device  string // always the same on one device
	Now     func() time.Time
	LastYes time.Time // when the vendor last let us in: keep it with the program's settings
}

// Enter asks the vendor whether the program may run. If not, the text tells the
// customer why.
func (g *Gate) Enter(ctx context.Context) (ok bool, why string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := g.App.Authenticate(ctx, keycrate.AuthParams{License: g.License, HWID: g.Device})
	var denial *keycrate.Denial
	switch {
	case err == nil:
		g.LastYes = g.Now()
		return true, ""
	case errors.As(err, &denial): // the vendor says no
		g.LastYes = time.Time{}
		return false, reason(err, denial)
	case g.Now().Sub(g.LastYes) < grace: // nobody says no, and lately it was yes
		return true, ""
	default:
		return false, "We cannot check your license. Are you connected to the internet?"
	}
}

// reason is the vendor's no in words for the customer.
func reason(err error, denial *keycrate.Denial) string {
	switch {
	case errors.Is(err, keycrate.ErrLicenseExpired):
		return "Your license ended on " + denial.ExpiresAt.Format(time.DateOnly) + "."
	case errors.Is(err, keycrate.ErrHWIDMismatch):
		return "Your license is in use on another device. Write to us if you have a new one."
	case errors.Is(err, keycrate.ErrLicenseNotFound):
		return "There is no such license. Is it typed correctly?"
	default:
		return "Your license cannot be used: " + string(denial.Code) + "."
	}
}
