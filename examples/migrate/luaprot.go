package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/keysmith-go/keysmith/luaprot"
)

// FromLuaProt reads the keys of a hub.
func FromLuaProt(client *luaprot.Client, hubID string) Source {
	return func(ctx context.Context) ([]Key, error) {
		if hubID == "" {
			return nil, errors.New("the hub whose keys move is not named")
		}
		all := client.Keys.All(ctx, luaprot.ListKeysParams{HubID: hubID})
		return readTwice(all, fromLuaProt)
	}
}

// fromLuaProt says what a key is in the words of all vendors.
func fromLuaProt(k *luaprot.Key) Key {
	key := Key{
		ID:      "luaprot/" + digest(k.Value),
		Value:   k.Value,
		Name:    k.Note,
		Off:     k.Blacklisted,
		Expires: k.ExpiresAt,
		Devices: 1,
		Notes: notes(map[string]string{
			"discordId":       k.DiscordID,
			"blacklistReason": k.BlacklistReason,
			"limitedScripts":  strings.Join(k.LimitedScripts, " "),
			"createdAt":       stamp(k.CreatedAt),
			"lastExecution":   stamp(k.LastExecutionAt),
		}),
	}
	if k.Value == "" {
		key.Stays = "the vendor does not tell its value"
	}
	lose := func(what, format string, args ...any) {
		key.Lost = append(key.Lost, Loss{what, fmt.Sprintf(format, args...)})
	}
	if hwid, _ := k.HWID.Get(); hwid != "" {
		lose("bound devices", "1, to be bound anew")
	}
	if activated, _ := k.Activated.Get(); activated || k.ExecutionCount > 0 {
		lose("its use so far", "%d executions", k.ExecutionCount)
	}
	if k.HWIDResetCount > 0 || !k.LastHWIDResetAt.IsZero() {
		lose("the resets of its device", "%d", k.HWIDResetCount)
	}
	if advertise, _ := k.AdvertiseID.Get(); advertise != "" {
		lose("the advertisement it came from", "%s", advertise)
	}
	if len(k.LimitedScripts) > 0 {
		lose("the only scripts it works for", "%d, as a note that your program has to read", len(k.LimitedScripts))
	}
	return key
}

// digest stands for a key where its value must not be seen. The vendor has no other
// name for a key, and its value never changes.
func digest(value string) string {
	sum := sha256.Sum256([]byte(value))
	return fmt.Sprintf("%x", sum[:8])
}
