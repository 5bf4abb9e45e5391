// Discordbot has the commands of a bot that serves a seller's customers: redeem a
// key, move it to a new device, and see it. The connection to Discord is yours.
//
//	go run ./examples/discordbot   # a conversation, against the embedded mock
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// ada and bob are Discord users.
const (
	ada = "100000000000000001"
	bob = "100000000000000002"
)

func main() {
	if err := conversation(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "discordbot:", err)
		os.Exit(1)
	}
}

// conversation lets two customers talk to the bot, at one vendor and at the other.
func conversation(ctx context.Context, out io.Writer) error {
	server := mockserver.New(mockserver.WithStart(time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)))

	hub := server.LuaProt().AddHub("shop")
	script := server.LuaProt().AddScript(hub.ID, "loader")
	server.LuaProt().AddKey(luaprotmock.Key{Value: "LUA-1042", HubID: hub.ID, ExpiresAt: server.Now().Add(30 * 24 * time.Hour)})
	luaprotClient, err := luaprot.New(luaprot.Config{
		APIKey:     server.LuaProt().APIKey(),
		HTTPClient: server.Client(), // leave this out, and the same code talks to the vendor
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "LuaProt")
	start := func(device string) string { return server.LuaProt().Check(script.ID, "LUA-1042", device).Status }
	talk(ctx, out, server, LuaProt{luaprotClient.Hub(hub.ID)}, "LUA-1042", luaprotmock.OpResetHWID, start)

	provider := server.Junkie().AddProvider("shop")
	server.Junkie().AddKey(junkiemock.Key{
		Value: "JNK-1042", ProviderID: provider.ID, HWIDLimit: 1, ValidityMinutes: 30 * 24 * 60, ExpiryOnFirstUse: true,
	})
	junkieClient, err := junkie.New(junkie.Config{APIKey: server.Junkie().APIKey(), HTTPClient: server.Client()})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Junkie")
	start = func(device string) string { return server.Junkie().Verify("JNK-1042", device).Code }
	talk(ctx, out, server, Junkie{Keys: junkieClient.Keys, ProviderID: provider.ID, Now: server.Now}, "JNK-1042", junkiemock.OpResetKeyHWIDs, start)
	return nil
}

// talk is what is said, and what happens meanwhile.
func talk(ctx context.Context, out io.Writer, server *mockserver.Server, vendor Vendor, key, opReset string, start func(device string) string) {
	bot := &Bot{Vendor: vendor, Cooldown: 24 * time.Hour, Now: server.Now, Log: slog.New(slog.DiscardHandler)}
	commands := bot.Commands()
	say := func(name, user, command, key string) {
		reply := commands[command](ctx, user, map[string]string{"key": key})
		fmt.Fprintf(out, "  %s  %-17s %s\n", name, "/"+command+" "+key, reply)
	}
	device := func(name string) { fmt.Fprintf(out, "  ada  starts the %-6s %s\n", name, start(name)) }

	say("ada", ada, "mykey", "")
	say("ada", ada, "redeem", key)
	say("bob", bob, "redeem", key)
	device("laptop")
	device("phone")
	server.Inject(mockserver.Fault{Op: opReset, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})
	say("ada", ada, "reset", "") // the answer is lost, but the bot finds out
	device("phone")
	say("ada", ada, "reset", "")
	say("ada", ada, "mykey", "")
}
