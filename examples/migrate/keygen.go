package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/keygen"
)

// ToKeygen takes in keys as licenses of a policy. It is the one vendor that lets a
// license have the key that the customer has already, and an id of ours, by which it
// is found again.
type ToKeygen struct {
	Client   *keygen.Client
	PolicyID string

	account  string
	firstUse map[time.Duration]string   // policies whose licenses are valid so long from their first use on
	byID     map[string]*keygen.License // all licenses of the account
	byKey    map[string]*keygen.License
}

const (
	firstValidation = "FROM_FIRST_VALIDATION"
	shortestKey     = 6
	longestKey      = 16384
	movedFrom       = "movedFrom" // the metadata that link a license with the old key
)

// Load makes sure that the policy takes in keys as they are, and lists the licenses
// of the account.
func (t *ToKeygen) Load(ctx context.Context) error {
	policy, err := t.Client.Policies.Get(ctx, t.PolicyID)
	if err != nil {
		return fmt.Errorf("the policy that keys are to move to: %w", err)
	}
	wrong := unfit(policy)
	if policy.Duration != 0 {
		wrong = append(wrong, "it has a duration, so that keys that never end would")
	}
	if policy.AccountID == "" || policy.ProductID == "" {
		wrong = append(wrong, "the vendor does not tell its account or its product")
	}
	if len(wrong) > 0 {
		return fmt.Errorf("policy %s does not take in keys as they are: %s", t.PolicyID, strings.Join(wrong, "; "))
	}
	t.account, t.firstUse = policy.AccountID, map[time.Duration]string{}
	for policy, err := range t.Client.Policies.All(ctx, keygen.ListPoliciesParams{ProductID: policy.ProductID}) {
		if err != nil {
			return err
		}
		if policy.ExpirationBasis == firstValidation && policy.Duration > 0 && len(unfit(policy)) == 0 {
			t.firstUse[policy.Duration] = policy.ID
		}
	}
	t.byID, t.byKey = map[string]*keygen.License{}, map[string]*keygen.License{}
	for license, err := range t.Client.Licenses.All(ctx, keygen.ListLicensesParams{}) {
		if err != nil {
			return err
		}
		t.byID[license.ID], t.byKey[license.Key] = license, license
	}
	return nil
}

// unfit returns why licenses of a policy cannot be what the keys were.
func unfit(policy *keygen.Policy) (wrong []string) {
	if !policy.Floating {
		wrong = append(wrong, "it is not floating, so that all keys would be for one device")
	}
	if most, limited := policy.MaxMachines.Get(); limited && policy.Floating {
		wrong = append(wrong, fmt.Sprintf("it has a limit of %d machines, so that keys for any number of devices would have it", most))
	}
	if policy.Scheme != "" || policy.Encrypted {
		wrong = append(wrong, "it signs or encrypts keys, so that customers would need new ones")
	}
	return wrong
}

// Plan says what would become of a key.
func (t *ToKeygen) Plan(key Key) Plan {
	plan := Plan{Key: key, Verdict: Moves}
	stays := func(format string, args ...any) Plan {
		return Plan{Key: key, Verdict: Stays, Why: fmt.Sprintf(format, args...)}
	}
	if license, there := t.byID[t.licenseID(key)]; there {
		return t.compare(key, license)
	}
	switch length := utf8.RuneCountInString(key.Value); {
	case length < shortestKey || length > longestKey:
		return stays("it has %d characters, and a license's key may have %d to %d", length, shortestKey, longestKey)
	case t.byKey[key.Value] != nil:
		return stays("the license %s has the same key", t.byKey[key.Value].ID)
	case key.Starts > 0 && t.firstUse[key.Starts] == "":
		return stays("its clock starts with its first use, and no policy has a duration of %v and the expiration basis %s", key.Starts, firstValidation)
	}
	return plan
}

// compare tells whether a license is what the key is now.
func (t *ToKeygen) compare(key Key, license *keygen.License) Plan {
	var other []string
	differ := func(what string, here, there any) {
		other = append(other, fmt.Sprintf("%s %v instead of %v", what, there, here))
	}
	if from, _ := license.Metadata[movedFrom].(string); from != key.ID {
		return Plan{Key: key, Verdict: Stays, Why: fmt.Sprintf("the license %s has its id, and does not say that it was moved from there", license.ID)}
	}
	if license.Key != key.Value {
		other = append(other, "another key")
	}
	if license.Suspended != key.Off {
		differ("switched off", key.Off, license.Suspended)
	}
	switch policy := t.policyOf(key); {
	case key.Starts > 0 && license.PolicyID == policy:
		// Its clock may have started: that is what it is for.
	case license.PolicyID != policy:
		other = append(other, "another policy, as when the clock of the old key has started since")
	case !sameTime(license.ExpiresAt, key.Expires):
		differ("end", orNever(key.Expires), orNever(license.ExpiresAt))
	}
	if devices, _ := license.MaxMachines.Get(); devices != key.Devices {
		differ("devices", orAny(key.Devices), orAny(devices))
	}
	if len(other) > 0 {
		return Plan{Key: key, Verdict: Differs, Why: strings.Join(other, "; ")}
	}
	return Plan{Key: key, Verdict: There}
}

// policyOf returns the policy that a key moves to.
func (t *ToKeygen) policyOf(key Key) string { return cmp.Or(t.firstUse[key.Starts], t.PolicyID) }

// sameTime compares what two vendors keep, to the second.
func sameTime(a, b time.Time) bool { return a.Sub(b).Abs() < time.Second && a.IsZero() == b.IsZero() }

func orNever(t time.Time) string { return cmp.Or(stamp(t), "never") }

func orAny(devices int) string {
	if devices == 0 {
		return "any number"
	}
	return fmt.Sprint(devices)
}

// Create makes the license. The id that it gives it makes a second one impossible:
// the vendor refuses it, and shows the first.
func (t *ToKeygen) Create(ctx context.Context, key Key) (Plan, error) {
	license, err := t.Client.Licenses.Create(ctx, t.params(key))
	if errors.Is(err, keygen.ErrConflict) || errors.Is(err, keygen.ErrInvalid) {
		// Maybe there is one: from a run that ended a moment ago, say, when the
		// vendor was still at work.
		found, lookErr := t.Client.Licenses.Get(ctx, t.licenseID(key))
		switch {
		case lookErr == nil:
			license, err = found, nil
		case errors.Is(lookErr, keygen.ErrNotFound):
			return Plan{Key: key, Verdict: Refused, Why: err.Error()}, nil
		default:
			return Plan{}, errors.Join(err, lookErr)
		}
	}
	if err != nil {
		return Plan{}, err
	}
	made := t.compare(key, license)
	if made.Verdict == There {
		made.Verdict = Moved
	}
	return made, nil
}

func (t *ToKeygen) params(key Key) keygen.CreateLicenseParams {
	metadata := map[string]any{movedFrom: key.ID}
	for name, value := range key.Notes {
		metadata[name] = value
	}
	return keygen.CreateLicenseParams{
		ID:          t.licenseID(key),
		PolicyID:    t.policyOf(key),
		Key:         key.Value,
		Name:        key.Name,
		ExpiresAt:   key.Expires,
		Suspended:   key.Off,
		MaxMachines: key.Devices,
		Metadata:    metadata,
	}
}

// licenseID makes a UUID of the account and the old key, always the same one.
func (t *ToKeygen) licenseID(key Key) string {
	id := sha256.Sum256([]byte(t.account + " " + key.ID))
	id[6] = id[6]&0x0f | 0x80 // version 8: made in a way of one's own
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:16])
}
