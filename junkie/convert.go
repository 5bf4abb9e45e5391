package junkie

import (
	"encoding/json"
	"math"
	"time"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// From the wire.

func keyFromWire(w *junkiewire.Key) *Key {
	return &Key{
		ID:               deref(w.ID),
		Value:            deref(w.KeyValue),
		UserID:           deref(w.UserID),
		Name:             deref(w.KeyName),
		ProviderID:       deref(w.ProviderID),
		ProviderName:     deref(w.ProviderName),
		ServiceID:        deref(w.ServiceID),
		ServiceName:      deref(w.ServiceName),
		FolderID:         deref(w.FolderID),
		FolderName:       deref(w.FolderName),
		DiscordID:        deref(w.DiscordID),
		CreatedAt:        deref(w.CreatedAt).Time,
		UsedAt:           deref(w.UsedAt).Time,
		ExpiresAt:        deref(w.ExpiresAt).Time,
		Validity:         durationFromMinutes(deref(w.ValidityMinutes)),
		ExpiryOnFirstUse: deref(w.ExpiryOnFirstUse),
		Premium:          deref(w.IsPremium),
		Invalidated:      deref(w.IsInvalidated),
		OneTimeUse:       deref(w.OneTimeUse),
		HWIDLimit:        int(deref(w.HWIDLimit)),
		NoHWID:           deref(w.NoHWID),
		HWIDs:            hwidsFromWire(w.HWIDs, w.KeysHWID),
	}
}

func detailedKeyFromWire(w *junkiewire.KeyDetailed) *Key {
	key := keyFromWire(&w.Key)
	if r := w.DiscordRedemption; r != nil {
		key.DiscordRedemption = &DiscordRedemption{
			DiscordUserID: deref(r.DiscordUserID),
			Status:        deref(r.RedemptionStatus),
			RedeemedAt:    deref(r.RedeemedAt).Time,
		}
	}
	return key
}

// hwidsFromWire prefers the objects to the plain strings, which repeat them.
func hwidsFromWire(objects []junkiewire.HWID, plain []string) []HWID {
	var hwids []HWID
	if objects == nil {
		for _, value := range plain {
			hwids = append(hwids, HWID{Value: value})
		}
		return hwids
	}
	for _, w := range objects {
		hwids = append(hwids, HWID{
			Value:          deref(w.HWID),
			ExecutorUserID: deref(w.ExecutorUserID),
			BoundAt:        deref(w.BoundAt).Time,
			BoundBy:        BoundBy(deref(w.BoundBy)),
		})
	}
	return hwids
}

func pageFromWire(w *junkiewire.ListKeysResponse) *KeyPage {
	page := &KeyPage{Keys: make([]*Key, len(w.Keys))}
	for i := range w.Keys {
		page.Keys[i] = keyFromWire(&w.Keys[i])
	}
	if p := w.Pagination; p != nil {
		page.Page = int(deref(p.Page))
		page.Limit = int(deref(p.Limit))
		page.Total = int(deref(p.Total))
		page.TotalPages = int(deref(p.TotalPages))
	}
	return page
}

func batchFromWire(w *junkiewire.CreateKeysResponse) *KeyBatch {
	batch := &KeyBatch{Values: w.Keys, Count: len(w.Keys), Config: w.Config}
	if w.Count != nil {
		batch.Count = int(*w.Count)
	}
	return batch
}

func bulkResultFromWire(w *junkiewire.DeleteKeysResponse) *BulkDeleteResult {
	return &BulkDeleteResult{Requested: int(deref(w.Requested)), Deleted: int(deref(w.Deleted))}
}

func updateResultFromWire(w *junkiewire.UpdateKeyResponse) *UpdateKeyResult {
	return &UpdateKeyResult{Message: deref(w.Message), HWIDs: w.KeysHWID}
}

func foldersFromWire(w *junkiewire.ListFoldersResponse) []KeyFolder {
	folders := make([]KeyFolder, len(w.Folders))
	for i, f := range w.Folders {
		folders[i] = KeyFolder{ID: deref(f.ID), Name: deref(f.Name), CreatedAt: deref(f.CreatedAt).Time}
	}
	return folders
}

// To the wire. Arguments have been checked before.

func (p *ListKeysParams) toWire() junkiewire.ListKeysParams {
	return junkiewire.ListKeysParams{
		Page:          present(int64(p.Page)),
		Limit:         present(int64(p.Limit)),
		Key:           present(p.ValueContains),
		HWID:          present(p.HWIDContains),
		DiscordID:     present(p.DiscordID),
		ServiceID:     present(p.ServiceID),
		ProviderID:    present(p.ProviderID),
		FolderID:      present(p.FolderID),
		Status:        present(junkiewire.KeyStatus(p.Status)),
		ExpiresBefore: presentTime(p.ExpiresBefore),
		ExpiresAfter:  presentTime(p.ExpiresAfter),
	}
}

// A creation sends validity, limit and flags in any case: what the vendor
// takes an absent one for is not documented, and a provider may have defaults
// of its own.

func (p *CreateKeyParams) toWire() junkiewire.CreateKeyRequest {
	w := junkiewire.CreateKeyRequest{
		ProviderID:       p.ProviderID,
		ServiceID:        sentIfSet(p.ServiceID),
		FolderID:         sentIfSet(p.FolderID),
		KeyName:          sentIfSet(p.Name),
		DiscordID:        sentIfSet(p.DiscordID),
		ValidityMinutes:  wire.Set(minutes(p.Validity)),
		ExpiryOnFirstUse: &p.ExpiryOnFirstUse,
		IsPremium:        &p.Premium,
		OneTimeUse:       &p.OneTimeUse,
		HWIDLimit:        wire.Set(int64(p.HWIDLimit)),
		NoHWID:           &p.NoHWID,
	}
	if len(p.HWIDs) > 0 {
		w.HWIDs = p.HWIDs
	}
	return w
}

func (p *CreateBatchParams) toWire() junkiewire.CreateKeysRequest {
	return junkiewire.CreateKeysRequest{
		Amount:           int64(p.Amount),
		ProviderID:       p.ProviderID,
		ServiceID:        sentIfSet(p.ServiceID),
		FolderID:         sentIfSet(p.FolderID),
		KeyName:          sentIfSet(p.Name),
		DiscordID:        sentIfSet(p.DiscordID),
		ValidityMinutes:  wire.Set(minutes(p.Validity)),
		ExpiryOnFirstUse: &p.ExpiryOnFirstUse,
		IsPremium:        &p.Premium,
		OneTimeUse:       &p.OneTimeUse,
		HWIDLimit:        wire.Set(int64(p.HWIDLimit)),
		NoHWID:           &p.NoHWID,
		HWID:             sentIfSet(p.HWID),
	}
}

func (p *UpdateKeyParams) toWire() junkiewire.UpdateKeyRequest {
	return junkiewire.UpdateKeyRequest{
		KeyName:          optToWire(p.Name, same),
		FolderID:         optToWire(p.FolderID, same),
		DiscordID:        optToWire(p.DiscordID, same),
		ValidityMinutes:  optToWire(p.Validity, minutes),
		ExpiryOnFirstUse: boolToWire(p.ExpiryOnFirstUse),
		ExpiresAt:        optToWire(p.ExpiresAt, func(t time.Time) wire.Time { return wire.Time{Time: t} }),
		IsPremium:        boolToWire(p.Premium),
		OneTimeUse:       boolToWire(p.OneTimeUse),
		IsInvalidated:    boolToWire(p.Invalidated),
		HWIDLimit:        optToWire(p.HWIDLimit, func(n int) int64 { return int64(n) }),
		NoHWID:           boolToWire(p.NoHWID),
		HWIDs:            p.HWIDs,
	}
}

func bulkToWire(refs []KeyRef) junkiewire.DeleteKeysRequest {
	w := junkiewire.DeleteKeysRequest{Keys: make([]json.RawMessage, len(refs))}
	for i, ref := range refs {
		w.Keys[i] = ref.json()
	}
	return w
}

// Fields.

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// present is nil for the zero value.
func present[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func presentTime(t time.Time) *wire.Time {
	if t.IsZero() {
		return nil
	}
	return &wire.Time{Time: t}
}

// sentIfSet is absent for the zero value.
func sentIfSet[T comparable](v T) wire.Opt[T] {
	var zero T
	if v == zero {
		return wire.Opt[T]{}
	}
	return wire.Set(v)
}

func optToWire[T, W any](o Opt[T], convert func(T) W) wire.Opt[W] {
	if v, ok := o.Get(); ok {
		return wire.Set(convert(v))
	}
	if o.IsNull() {
		return wire.Null[W]()
	}
	return wire.Opt[W]{}
}

// boolToWire is nil for Null too, which the checks refuse.
func boolToWire(o Opt[bool]) *bool {
	if v, ok := o.Get(); ok {
		return &v
	}
	return nil
}

func same[T any](v T) T { return v }

func minutes(d time.Duration) int64 { return int64(d / time.Minute) }

// durationFromMinutes stops at the longest whole number of minutes that a
// Duration holds, so that what was read can be written back.
func durationFromMinutes(n int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Minute)
	return time.Duration(min(max(n, -most), most)) * time.Minute
}
