package keycrate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// From the wire.

// reader reads the members of one object and notes those that it cannot.
type reader struct{ unread []string }

// read returns what a member holds, or the zero value.
func read[T any](r *reader, name string, field wire.Lenient[T]) T {
	value, err := field.Get()
	if err != nil {
		r.unread = append(r.unread, name)
	}
	return value
}

func (r *reader) time(name string, field wire.Lenient[wire.Time]) time.Time {
	return read(r, name, field).Time
}

func (r *reader) int(name string, field wire.Lenient[wire.Integer]) int {
	n := int64(read(r, name, field))
	return wire.Int(&n)
}

// seconds reads a number of seconds. The vendor grants times that are longer
// than a time.Duration can be.
func (r *reader) seconds(name string, field wire.Lenient[wire.Integer]) time.Duration {
	const most = int64(math.MaxInt64 / time.Second)
	return time.Duration(min(max(int64(read(r, name, field)), -most), most)) * time.Second
}

func (r *reader) duration(unit wire.Lenient[string], value wire.Lenient[wire.Integer]) Duration {
	d := Duration{
		unit:  DurationUnit(strings.TrimSpace(read(r, "duration_unit", unit))),
		value: r.int("duration_value", value),
	}
	if d.unit == UnitLifetime {
		return Lifetime // whatever the value is
	}
	return d
}

// metadata reads an object, also one that is written as a text.
func (r *reader) metadata(data json.RawMessage) Metadata {
	if text := wire.Text(data); strings.HasPrefix(text, "{") {
		data = json.RawMessage(text)
	}
	switch string(bytes.TrimSpace(data)) {
	case "", "null", `""`, "[]", "{}":
		return nil
	}
	var m Metadata
	if json.Unmarshal(data, &m) != nil {
		r.unread = append(r.unread, "metadata")
		return nil
	}
	return m
}

// licenseRoom is where to read one license after the other.
type licenseRoom struct {
	keycratewire.License
	InCalls json.RawMessage `json:"license"` // the key, as calls of end users name it
}

// read reads an object, or the mere key of a license.
func (w *licenseRoom) read(raw json.RawMessage) *License {
	*w = licenseRoom{}
	if transport.Unmarshal(raw, w) != nil {
		return &License{Key: wire.Text(raw), Raw: raw}
	}
	license := licenseFromWire(&w.License)
	license.Key = cmp.Or(license.Key, wire.Text(w.InCalls))
	license.Raw = raw
	return license
}

func licenseFromWire(w *keycratewire.License) *License {
	var r reader
	license := &License{
		Key:               cmp.Or(read(&r, "key", w.Key), read(&r, "license_key", w.LicenseKey)),
		ID:                read(&r, "id", w.ID),
		AppID:             read(&r, "app_id", w.AppID),
		SubscriptionID:    read(&r, "subscription_id", w.SubscriptionID),
		Status:            Status(read(&r, "status", w.Status)),
		Username:          read(&r, "username", w.Username),
		HWIDLock:          read(&r, "hwid_lock", w.HWIDLock),
		HWID:              read(&r, "hwid", w.HWID),
		HWIDResetAllowed:  read(&r, "hwid_reset_allowed", w.HWIDResetAllowed),
		HWIDResetCooldown: r.seconds("hwid_reset_cooldown", w.HWIDResetCooldown),
		LastHWIDResetAt:   r.time("last_hwid_reset_at", w.LastHWIDResetAt),
		Duration:          r.duration(w.DurationUnit, w.DurationValue),
		Granted:           r.seconds("duration_seconds", w.DurationSeconds),
		ActivatedAt:       r.time("activated_at", w.ActivatedAt),
		ExpiresAt:         r.time("expires_at", w.ExpiresAt),
		Metadata:          r.metadata(w.Metadata),
		Tags:              unlessEmpty(read(&r, "tags", w.Tags)),
		CreatedAt:         r.time("created_at", w.CreatedAt),
		UpdatedAt:         r.time("updated_at", w.UpdatedAt),
	}
	license.Unread = r.unread
	return license
}

// subscriptionFromRaw reads an object, or the mere id of a subscription.
func subscriptionFromRaw(raw json.RawMessage) *Subscription {
	subscription := &Subscription{ID: wire.Text(raw)}
	var w keycratewire.Subscription
	if transport.Unmarshal(raw, &w) == nil {
		subscription = subscriptionFromWire(&w)
	}
	subscription.Raw = raw
	return subscription
}

func subscriptionFromWire(w *keycratewire.Subscription) *Subscription {
	var r reader
	subscription := &Subscription{
		ID:               cmp.Or(read(&r, "id", w.ID), read(&r, "subscription_id", w.SubscriptionID)),
		AppID:            read(&r, "app_id", w.AppID),
		Name:             read(&r, "name", w.Name),
		Level:            r.int("level", w.Level),
		SingleKeyPerHWID: read(&r, "single_key_per_hwid", w.SingleKeyPerHWID),
		Status:           Status(read(&r, "status", w.Status)),
		CreatedAt:        r.time("created_at", w.CreatedAt),
		UpdatedAt:        r.time("updated_at", w.UpdatedAt),
	}
	subscription.Unread = r.unread
	return subscription
}

func (a *listAnswer) page() *LicensePage {
	var r reader // what it notes is the vendor's account of the list, not needed
	page := &LicensePage{
		Licenses:   a.list,
		Page:       r.int("page", a.Page),
		PerPage:    r.int("per_page", a.PerPage),
		Total:      r.int("total", a.Total),
		TotalPages: r.int("total_pages", a.TotalPages),
	}
	if page.Licenses == nil {
		page.Licenses = []*License{}
	}
	return page
}

// bulkDeletionFromWire reads the number of licenses deleted.
func bulkDeletionFromWire(w *keycratewire.DeletionResponse) *Deletion {
	var data keycratewire.Deletion
	deletion := &Deletion{Raw: present(w.Data)}
	if json.Unmarshal(w.Data, &data) == nil {
		deletion.Licenses = countOf(w.Data, "deleted", data.Deleted)
	}
	return deletion
}

// deletionFromWire reads the number of licenses that went with a subscription.
func deletionFromWire(w *keycratewire.SubscriptionDeletionResponse) *Deletion {
	var data keycratewire.SubscriptionDeletion
	deletion := &Deletion{Raw: present(w.Data)}
	if json.Unmarshal(w.Data, &data) == nil {
		deletion.Licenses = countOf(w.Data, "licenses_deleted", data.LicensesDeleted)
	}
	return deletion
}

// countOf returns a number, if there is one: not known is not none.
func countOf(object json.RawMessage, name string, field wire.Lenient[wire.Integer]) Opt[int] {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(object, &members) // it has been read before
	count, err := field.Get()
	if err != nil || present(members[name]) == nil {
		return Opt[int]{}
	}
	n := int64(count)
	return Set(wire.Int(&n))
}

func authenticationFromWire(w *keycratewire.AuthenticateResponse) *Authentication {
	var data keycratewire.VerifiedLicense
	auth := &Authentication{Unread: []string{"expires_at"}} // no license shown is not one that never expires
	if present(w.Data) != nil && json.Unmarshal(w.Data, &data) == nil {
		auth = verifiedFromWire(&data)
	}
	auth.Code = Code(strings.TrimSpace(wire.Value(w.Message)))
	auth.Raw = present(w.Data)
	return auth
}

func verifiedFromWire(w *keycratewire.VerifiedLicense) *Authentication {
	var r reader
	auth := &Authentication{
		Key:               read(&r, "key", w.Key),
		Status:            Status(read(&r, "status", w.Status)),
		Username:          read(&r, "username", w.Username),
		HWIDLock:          read(&r, "hwid_lock", w.HWIDLock),
		HWID:              read(&r, "hwid", w.HWID),
		HWIDResetAllowed:  read(&r, "hwid_reset_allowed", w.HWIDResetAllowed),
		HWIDResetCooldown: r.seconds("hwid_reset_cooldown", w.HWIDResetCooldown),
		LastHWIDResetAt:   r.time("last_hwid_reset_at", w.LastHWIDResetAt),
		ActivatedAt:       r.time("activated_at", w.ActivatedAt),
		ExpiresAt:         r.time("expires_at", w.ExpiresAt),
	}
	tier := read(&r, "subscription", w.Subscription)
	auth.Subscription = tierFromWire(&r, &tier)
	auth.Unread = r.unread
	return auth
}

func tierFromWire(r *reader, w *keycratewire.Tier) Tier {
	return Tier{
		ID:    read(r, "subscription.id", w.ID),
		Name:  read(r, "subscription.name", w.Name),
		Level: r.int("subscription.level", w.Level),
	}
}

func registrationFromWire(w *keycratewire.RegisterResponse) *Registration {
	return &Registration{Code: Code(strings.TrimSpace(wire.Value(w.Message))), Raw: present(w.Data)}
}

func denialFromRaw(code Code, data json.RawMessage) *Denial {
	var w keycratewire.RefusedLicense
	denial := &Denial{}
	if json.Unmarshal(data, &w) == nil {
		denial = denialFromWire(&w)
	}
	denial.Code, denial.Raw = code, data
	return denial
}

func denialFromWire(w *keycratewire.RefusedLicense) *Denial {
	var r reader
	denial := &Denial{
		ExpiresAt:         r.time("expires_at", w.ExpiresAt),
		HWIDResetAllowed:  read(&r, "hwid_reset_allowed", w.HWIDResetAllowed),
		HWIDResetCooldown: r.seconds("hwid_reset_cooldown", w.HWIDResetCooldown),
		LastHWIDResetAt:   r.time("last_hwid_reset_at", w.LastHWIDResetAt),
	}
	denial.Unread = r.unread
	return denial
}

// To the wire. Arguments have been checked before.

func (p *CreateLicenseParams) toWire() keycratewire.CreateLicenseRequest {
	w := keycratewire.CreateLicenseRequest{
		AppID:             p.AppID,
		SubscriptionID:    p.SubscriptionID,
		DurationUnit:      keycratewire.DurationUnit(p.Duration.unit),
		DurationValue:     wire.Present(int64(p.Duration.value)),
		HWIDLock:          &p.HWIDLock,
		HWIDResetAllowed:  wire.Present(p.HWIDResetAllowed),
		HWIDResetCooldown: wire.Present(seconds(p.HWIDResetCooldown)),
		Tags:              unlessEmpty(p.Tags),
		KeyFormat:         wire.Present(p.KeyFormat),
		KeyUppercase:      p.KeyUppercase.field.Pointer(),
		KeyLowercase:      p.KeyLowercase.field.Pointer(),
		KeyNumbers:        p.KeyNumbers.field.Pointer(),
	}
	if len(p.Metadata) > 0 {
		w.Metadata, _ = p.Metadata.encode()
	}
	return w
}

// toBulkWire has the same settings for many licenses.
func (p *CreateLicenseParams) toBulkWire(amount int) keycratewire.CreateLicensesBulkRequest {
	w := p.toWire()
	return keycratewire.CreateLicensesBulkRequest{
		KeyAmount:         int64(amount),
		AppID:             w.AppID,
		SubscriptionID:    w.SubscriptionID,
		DurationUnit:      w.DurationUnit,
		DurationValue:     w.DurationValue,
		HWIDLock:          w.HWIDLock,
		HWIDResetAllowed:  w.HWIDResetAllowed,
		HWIDResetCooldown: w.HWIDResetCooldown,
		Metadata:          w.Metadata,
		Tags:              w.Tags,
		KeyFormat:         w.KeyFormat,
		KeyUppercase:      w.KeyUppercase,
		KeyLowercase:      w.KeyLowercase,
		KeyNumbers:        w.KeyNumbers,
	}
}

func (p *ListLicensesParams) toWire() keycratewire.ListLicensesRequest {
	return keycratewire.ListLicensesRequest{
		AppID:          p.AppID,
		Status:         wire.Present(keycratewire.Status(p.Status)),
		SubscriptionID: wire.Present(p.SubscriptionID),
		Tags:           unlessEmpty(p.Tags),
		Search:         wire.Present(p.Search),
		Page:           wire.Present(int64(p.Page)),
		PerPage:        wire.Present(int64(p.PerPage)),
		SortField:      wire.Present(string(p.SortField)),
		SortOrder:      wire.Present(keycratewire.SortOrder(p.SortOrder)),
	}
}

func (p *CreateSubscriptionParams) toWire() keycratewire.CreateSubscriptionRequest {
	level := int64(p.Level)
	return keycratewire.CreateSubscriptionRequest{
		AppID:            p.AppID,
		Name:             p.Name,
		Level:            &level,
		SingleKeyPerHWID: &p.SingleKeyPerHWID,
	}
}

func (p *EditSubscriptionParams) toWire(id string) keycratewire.EditSubscriptionRequest {
	return keycratewire.EditSubscriptionRequest{
		SubscriptionID:   id,
		Name:             p.Name.field.Pointer(),
		Level:            wire.Map(p.Level.field, func(n int) int64 { return int64(n) }).Pointer(),
		SingleKeyPerHWID: p.SingleKeyPerHWID.field.Pointer(),
		Status:           wire.Map(p.Status.field, func(s Status) keycratewire.Status { return keycratewire.Status(s) }).Pointer(),
	}
}

func (c *Credentials) toWire(key string) keycratewire.UpdateLicenseCredentialsRequest {
	return keycratewire.UpdateLicenseCredentialsRequest{
		LicenseKey: key,
		Username:   c.Username,
		Password:   wire.Present(c.Password),
	}
}

func (p *AuthParams) toWire(appID string) keycratewire.AuthenticateRequest {
	return keycratewire.AuthenticateRequest{
		AppID:    appID,
		License:  wire.Present(p.License),
		Username: wire.Present(p.Credentials.Username),
		Password: wire.Present(p.Credentials.Password),
		HWID:     wire.Present(p.HWID),
	}
}

// Fields.

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// unlessEmpty is nil, which is not sent, for an empty list.
func unlessEmpty(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}
