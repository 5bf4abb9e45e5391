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
		ID:               w.ID,
		Value:            w.KeyValue,
		UserID:           w.UserID,
		Name:             w.KeyName,
		ProviderID:       w.ProviderID,
		ProviderName:     w.ProviderName,
		ServiceID:        w.ServiceID,
		ServiceName:      w.ServiceName,
		FolderID:         w.FolderID,
		FolderName:       w.FolderName,
		DiscordID:        w.DiscordID,
		CreatedAt:        w.CreatedAt.Time,
		UsedAt:           w.UsedAt.Time,
		ExpiresAt:        w.ExpiresAt.Time,
		Validity:         durationFromMinutes(w.ValidityMinutes),
		ExpiryOnFirstUse: w.ExpiryOnFirstUse,
		Premium:          w.IsPremium,
		Invalidated:      w.IsInvalidated,
		OneTimeUse:       w.OneTimeUse,
		HWIDLimit:        wire.Whole(w.HWIDLimit),
		NoHWID:           w.NoHWID,
		HWIDs:            hwidsFromWire(w.HWIDs, w.KeysHWID),
	}
}

func detailedKeyFromWire(w *junkiewire.KeyDetailed) *Key {
	key := keyFromWire(&w.Key)
	if r := w.DiscordRedemption; r != nil {
		key.DiscordRedemption = &DiscordRedemption{
			DiscordUserID: r.DiscordUserID,
			Status:        r.RedemptionStatus,
			RedeemedAt:    r.RedeemedAt.Time,
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
			Value:          w.HWID,
			ExecutorUserID: w.ExecutorUserID,
			BoundAt:        w.BoundAt.Time,
			BoundBy:        BoundBy(w.BoundBy),
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
		page.Page = wire.Whole(p.Page)
		page.Limit = wire.Whole(p.Limit)
		page.Total = wire.Whole(p.Total)
		page.TotalPages = wire.Whole(p.TotalPages)
	}
	return page
}

func batchFromWire(w *junkiewire.CreateKeysResponse) *KeyBatch {
	batch := &KeyBatch{Values: w.Keys, Count: len(w.Keys), Config: w.Config}
	if w.Count != nil {
		batch.Count = wire.Int(w.Count)
	}
	return batch
}

func bulkResultFromWire(w *junkiewire.DeleteKeysResponse) *BulkDeleteResult {
	return &BulkDeleteResult{Requested: wire.Int(w.Requested), Deleted: wire.Int(w.Deleted)}
}

func updateResultFromWire(w *junkiewire.UpdateKeyResponse) *UpdateKeyResult {
	return &UpdateKeyResult{Message: wire.Value(w.Message), HWIDs: w.KeysHWID}
}

func foldersFromWire(w *junkiewire.ListFoldersResponse) []KeyFolder {
	folders := make([]KeyFolder, len(w.Folders))
	for i, f := range w.Folders {
		folders[i] = KeyFolder{ID: f.ID, Name: f.Name, CreatedAt: f.CreatedAt.Time}
	}
	return folders
}

// To the wire. Arguments have been checked before.

func (p *ListKeysParams) toWire() junkiewire.ListKeysParams {
	return junkiewire.ListKeysParams{
		Page:          wire.Present(int64(p.Page)),
		Limit:         wire.Present(int64(p.Limit)),
		Key:           wire.Present(p.ValueContains),
		HWID:          wire.Present(p.HWIDContains),
		DiscordID:     wire.Present(p.DiscordID),
		ServiceID:     wire.Present(p.ServiceID),
		ProviderID:    wire.Present(p.ProviderID),
		FolderID:      wire.Present(p.FolderID),
		Status:        wire.Present(junkiewire.KeyStatus(p.Status)),
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
	w := junkiewire.UpdateKeyRequest{
		KeyName:          p.Name.field,
		FolderID:         p.FolderID.field,
		DiscordID:        p.DiscordID.field,
		ValidityMinutes:  wire.Map(p.Validity.field, minutes),
		ExpiryOnFirstUse: p.ExpiryOnFirstUse.field.Pointer(),
		ExpiresAt:        wire.Map(p.ExpiresAt.field, func(t time.Time) wire.Time { return wire.Time{Time: t} }),
		IsPremium:        p.Premium.field.Pointer(),
		OneTimeUse:       p.OneTimeUse.field.Pointer(),
		IsInvalidated:    p.Invalidated.field.Pointer(),
		HWIDLimit:        wire.Map(p.HWIDLimit.field, func(n int) int64 { return int64(n) }),
		NoHWID:           p.NoHWID.field.Pointer(),
	}
	if hwids, ok := p.HWIDs.Get(); ok {
		w.HWIDs = append([]string{}, hwids...) // never nil, which would not be sent
	}
	return w
}

func bulkToWire(refs []KeyRef) junkiewire.DeleteKeysRequest {
	w := junkiewire.DeleteKeysRequest{Keys: make([]json.RawMessage, len(refs))}
	for i, ref := range refs {
		w.Keys[i] = ref.json()
	}
	return w
}

// Fields.

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

func minutes(d time.Duration) int64 { return int64(d / time.Minute) }

// durationFromMinutes stops at the longest whole number of minutes that a
// Duration holds, so that what was read can be written back.
func durationFromMinutes(n int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Minute)
	return time.Duration(min(max(n, -most), most)) * time.Minute
}
