package keycratemock

import (
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// settingsSheet is how the vendor behaves, where a test may choose.
type settingsSheet struct {
	TeamEnabled      bool        `json:"teamEnabled"`
	Origin           originSheet `json:"origin"`
	DurationStart    string      `json:"durationStart"`
	MismatchSpelling string      `json:"mismatchSpelling"`
	RetryAfter       bool        `json:"retryAfter"`
}

// originSheet is where end users' calls come from; null is not known.
type originSheet struct {
	Country *string `json:"country"`
	ASN     *int    `json:"asn"`
	IP      *string `json:"ip"`
}

// The choices of the settings, the second of which is switched on in the state.
var (
	durationStarts = []string{"first-use", "creation"}
	spellings      = []string{CodeHWIDMismatch, CodeHWIDMismatchDoubleS}
)

func (s *settings) showSettings() settingsSheet {
	from := s.Origin
	return settingsSheet{
		TeamEnabled:      !s.TeamOff,
		Origin:           originSheet{textOrNil(from.Country), core.Nullable(from.ASN, from.ASN != 0), textOrNil(from.IP)},
		DurationStart:    chosen(durationStarts, s.FromCreation),
		MismatchSpelling: chosen(spellings, s.DoubleS),
		RetryAfter:       !s.NoRetryAfter,
	}
}

func chosen(choices []string, second bool) string {
	if second {
		return choices[1]
	}
	return choices[0]
}

// changeSettings takes over what differs from the settings as they are shown.
func (v *vendor) changeSettings(t *core.Turn, changes core.Document) error {
	d := v.state.showSettings()
	if err := changes.Into(&d); err != nil {
		return err
	}
	if !slices.Contains(durationStarts, d.DurationStart) {
		return changes.Refuse("durationStart", "must be one of %s", strings.Join(durationStarts, ", "))
	}
	if !slices.Contains(spellings, d.MismatchSpelling) {
		return changes.Refuse("mismatchSpelling", "must be one of %s", strings.Join(spellings, ", "))
	}
	from := Origin{orZero(d.Origin.Country), orZero(d.Origin.ASN), orZero(d.Origin.IP)}
	if wrong := from.wrong(); wrong != nil {
		origin, _ := changes.Object("origin") // which has been read
		return origin.Refuse(strings.ToLower(string(wrong.By)), "cannot be: %v", wrong.check())
	}
	v.state.Origin, v.state.NoRetryAfter = from, !d.RetryAfter
	v.state.FromCreation, v.state.DoubleS = d.DurationStart == durationStarts[1], d.MismatchSpelling == spellings[1]
	v.turn(t).setTeam(d.TeamEnabled)
	return nil
}

// loginSheet is what an end user's program sends.
type loginSheet struct {
	App      string `json:"app"`
	License  string `json:"license"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// authOutcome is what the program is told.
type authOutcome struct {
	Success bool   `json:"success"`
	Code    string `json:"code"`
}

func (v *vendor) doAuth(t *core.Turn, order core.Document) (any, error) {
	var d struct {
		loginSheet
		HWID string `json:"hwid"`
	}
	if err := order.Into(&d); err != nil {
		return nil, err
	}
	l, err := v.turn(t).loginOf(d.loginSheet)
	if err != nil {
		return nil, err
	}
	l.HWID = d.HWID
	return authOutcome(v.turn(t).logIn(l)), nil
}

func (v *vendor) doRegister(t *core.Turn, order core.Document) (any, error) {
	var d loginSheet
	if err := order.Into(&d); err != nil {
		return nil, err
	}
	l, err := v.turn(t).loginOf(d)
	if err != nil {
		return nil, err
	}
	return authOutcome(v.turn(t).signUp(l)), nil
}

// loginOf is what a program sends that is an app's own, or the license's app's. What
// names no app is sent as it is.
func (t *turn) loginOf(d loginSheet) (Login, error) {
	l := Login{AppID: d.App, License: d.License, Username: d.Username, Password: d.Password}
	if len(t.state.appsCalled(d.App)) > 0 {
		a, err := t.state.app("/app", d.App)
		if err != nil {
			return l, err
		}
		l.AppID = a.ID
	}
	return t.atHome(l), nil
}

func (v *vendor) doPortalReset(t *core.Turn, order core.Document) (any, error) {
	var d struct {
		License string `json:"license"`
	}
	if err := order.Into(&d); err != nil {
		return nil, err
	}
	r := v.state.license(d.License)
	if r == nil {
		return nil, order.Refuse("license", "names no license that there is: %q", core.Clip(d.License, core.MaxName))
	}
	result := v.turn(t).portalReset(r)
	return struct {
		Done    bool          `json:"done"`
		Blocked *string       `json:"blocked"`
		Wait    core.Duration `json:"wait"`
	}{result.Done, textOrNil(result.Blocked), core.Duration(result.Wait)}, nil
}

func (v *vendor) doOrphanLicenses(t *core.Turn, order core.Document) (any, error) {
	var d struct {
		Subscription string `json:"subscription"`
	}
	if err := order.Into(&d); err != nil {
		return nil, err
	}
	sub, err := v.state.subscription("/subscription", d.Subscription, "")
	if err != nil {
		return nil, err
	}
	orphans := []string{}
	for _, r := range v.turn(t).orphanLicenses(sub) {
		orphans = append(orphans, r.Key)
	}
	return struct {
		Licenses []string `json:"licenses"`
	}{orphans}, nil
}
