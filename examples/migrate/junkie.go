package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/keysmith-go/keysmith/junkie"
)

// FromJunkie reads the keys of a provider.
func FromJunkie(keys *junkie.KeysService, providerID int64) Source {
	return func(ctx context.Context) ([]Key, error) {
		all := keys.All(ctx, junkie.ListKeysParams{ProviderID: providerID})
		return readTwice(all, fromJunkie)
	}
}

// fromJunkie says what a key is in the words of all vendors.
func fromJunkie(k *junkie.Key) Key {
	key := Key{
		ID:      fmt.Sprintf("junkie/%d", k.ID),
		Value:   k.Value,
		Name:    k.Name,
		Off:     k.Invalidated,
		Expires: k.ExpiresAt,
		Devices: k.HWIDLimit,
		Notes:   junkieNotes(k),
		Stays:   whyItStays(k),
	}
	if k.ExpiresAt.IsZero() {
		key.Starts = k.Validity
	}
	if k.NoHWID {
		key.Devices = 0
	}
	lose := func(what, format string, args ...any) {
		key.Lost = append(key.Lost, Loss{what, fmt.Sprintf(format, args...)})
	}
	if n := len(k.HWIDs); n > 0 {
		lose("bound devices", "%d, to be bound anew", n)
	}
	if !k.UsedAt.IsZero() {
		lose("the first use", "%s, as a note only", date(k.UsedAt))
	}
	if k.ServiceID != 0 {
		lose("the only service it opens", "%s, as a note that your program has to read", cmp.Or(k.ServiceName, strconv.FormatInt(k.ServiceID, 10)))
	}
	if k.Premium {
		lose("premium", "as a note that your program has to read")
	}
	return key
}

// whyItStays returns why a key must not move; "" = it may.
func whyItStays(k *junkie.Key) string {
	switch {
	case k.ID == 0 || k.Value == "":
		return "the vendor does not tell its number or its value"
	case k.OneTimeUse && !k.UsedAt.IsZero():
		return "it was to be used once, and was"
	case k.OneTimeUse:
		return "it is to be used once, which others cannot promise"
	case k.ExpiresAt.IsZero() && k.Validity > 0 && (!k.ExpiryOnFirstUse || !k.UsedAt.IsZero()):
		return "the vendor does not tell when it ends, though its clock runs"
	default:
		return ""
	}
}

// junkieNotes is what others have no place for.
func junkieNotes(k *junkie.Key) map[string]string {
	all := map[string]string{
		"discordId": k.DiscordID,
		"folder":    k.FolderName,
		"createdAt": stamp(k.CreatedAt),
		"usedAt":    stamp(k.UsedAt),
	}
	if k.ServiceID != 0 {
		all["service"] = strconv.FormatInt(k.ServiceID, 10)
	}
	if k.Premium {
		all["premium"] = "true"
	}
	return notes(all)
}
