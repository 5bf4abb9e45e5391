package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

const day = 24 * time.Hour

// world is what a test does at a vendor, besides talking to the bot.
type world interface {
	add(key, owner string, expiresAt time.Time)
	bar(key, owner string)
	start(key, device string) (ok bool) // the customer's program
	owner(key string) string
	revoke()
}

// stage is a bot in front of one vendor.
type stage struct {
	*testing.T
	world
	server             *mockserver.Server
	vendor             Vendor
	bot                *Bot
	log                bytes.Buffer
	look, give, unbind string // operations
	given, resetDone   string // effects
}

// atEachVendor runs a test at both, in virtual time.
func atEachVendor(t *testing.T, test func(s *stage)) {
	t.Helper()
	for name, stand := range map[string]func(*testing.T) *stage{"LuaProt": atLuaProt, "Junkie": atJunkie} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := stand(t)
				s.T = t
				s.restart()
				test(s)
			})
		})
	}
}

func atLuaProt(t *testing.T) *stage {
	t.Helper()
	server := mockserver.RunT(t)
	client, err := luaprot.New(luaprot.Config{APIKey: server.LuaProt().APIKey(), HTTPClient: server.Client()})
	require.NoError(t, err)
	hub := server.LuaProt().AddHub("shop")
	return &stage{
		server: server,
		world:  luaprotWorld{server.LuaProt(), server.LuaProt().AddScript(hub.ID, "loader").ID},
		vendor: LuaProt{client.Hub(hub.ID)},
		look:   luaprotmock.OpGetKeyInfo, give: luaprotmock.OpUpdateKey, unbind: luaprotmock.OpResetHWID,
		given: "luaprot." + luaprotmock.EffectKeyUpdated, resetDone: luaprotmock.EffectKeyHWIDReset,
	}
}

func atJunkie(t *testing.T) *stage {
	t.Helper()
	server := mockserver.RunT(t)
	client, err := junkie.New(junkie.Config{APIKey: server.Junkie().APIKey(), HTTPClient: server.Client()})
	require.NoError(t, err)
	provider := server.Junkie().AddProvider("shop").ID
	return &stage{
		server: server,
		world:  junkieWorld{server.Junkie(), provider},
		vendor: Junkie{Keys: client.Keys, ProviderID: provider, Now: server.Now},
		look:   junkiemock.OpGetKey, give: junkiemock.OpUpdateKey, unbind: junkiemock.OpResetKeyHWIDs,
		given: "junkie." + junkiemock.EffectKeyUpdated, resetDone: junkiemock.EffectKeyHWIDsReset,
	}
}

type luaprotWorld struct {
	*luaprotmock.World
	script string
}

func (w luaprotWorld) add(key, owner string, expiresAt time.Time) {
	w.AddKey(luaprotmock.Key{Value: key, DiscordID: owner, ExpiresAt: expiresAt})
}

func (w luaprotWorld) bar(key, owner string) {
	w.AddKey(luaprotmock.Key{Value: key, DiscordID: owner, Blacklisted: true})
}

func (w luaprotWorld) start(key, device string) bool {
	return w.Check(w.script, key, device).Status == luaprotmock.CheckValid
}

func (w luaprotWorld) owner(key string) string {
	k, _ := w.Key(key)
	return k.DiscordID
}

func (w luaprotWorld) revoke() { w.RevokeAPIKey(w.APIKey()) }

type junkieWorld struct {
	*junkiemock.World
	provider int64
}

func (w junkieWorld) add(key, owner string, expiresAt time.Time) {
	w.AddKey(junkiemock.Key{Value: key, ProviderID: w.provider, DiscordID: owner, ExpiresAt: expiresAt, HWIDLimit: 1})
}

func (w junkieWorld) bar(key, owner string) {
	w.AddKey(junkiemock.Key{Value: key, ProviderID: w.provider, DiscordID: owner, Invalidated: true})
}

func (w junkieWorld) start(key, device string) bool { return w.Verify(key, device).Valid }

func (w junkieWorld) owner(key string) string {
	k, _ := w.KeyByValue(key)
	return k.DiscordID
}

func (w junkieWorld) revoke() { w.RevokeAPIKey(w.APIKey()) }

// restart begins a new bot, which remembers nothing.
func (s *stage) restart() {
	s.bot = &Bot{Vendor: s.vendor, Cooldown: day, Now: s.server.Now, Log: slog.New(slog.NewTextHandler(&s.log, nil))}
}

func (s *stage) redeem(user, key string) string {
	return s.bot.Commands()["redeem"](s.Context(), user, map[string]string{"key": key})
}

func (s *stage) reset(user string) string { return s.bot.Commands()["reset"](s.Context(), user, nil) }

func (s *stage) myKey(user string) string { return s.bot.Commands()["mykey"](s.Context(), user, nil) }

// inject lets calls of an operation fail, n times.
func (s *stage) inject(op string, phase mockserver.Phase, do mockserver.Action, n int) {
	s.Helper()
	s.server.Inject(mockserver.Fault{Op: op, Phase: phase, Do: do, Times: n})
}

const (
	unclear = "I could not find out whether that has worked. Please try again in a minute."
	later   = "There is too much to do at the moment. Please try again in a minute."
	ours    = "Something is wrong on our side. The staff knows."
	done    = "Done. Start the program on your new device."
)

func TestRedeem(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		end := s.server.Now().Add(30 * day)
		until := "It works until " + end.Format(time.DateOnly)
		s.add("KEY-1", "", end)
		s.add("KEY-2", "", time.Time{})
		s.add("KEY-OVER", "", s.server.Now().Add(-day))
		s.bar("KEY-BARRED", "")

		assert.Equal(s, "Which key? Type /redeem and your key.", s.redeem(ada, " "))
		for _, none := range []string{"KEY-0", "key-1", "x", "folders", "12345", "a/b", "..", strings.Repeat("a", 5000)} {
			assert.Equal(s, "There is no such key. Is it typed correctly?", s.redeem(ada, none), none)
		}
		assert.Equal(s, "That key does not work any more.", s.redeem(ada, "KEY-OVER"))
		assert.Equal(s, "That key does not work any more.", s.redeem(ada, "KEY-BARRED"))
		s.server.AssertEffects(s, 0, s.given)

		assert.Equal(s, "The key is yours. "+until+".", s.redeem(ada, " KEY-1 "))
		assert.Equal(s, ada, s.owner("KEY-1"))
		assert.Equal(s, "That key is yours already. "+until+".", s.redeem(ada, "KEY-1"))
		assert.Equal(s, "That key belongs to somebody else.", s.redeem(bob, "KEY-1"))
		assert.Equal(s, "You have a key already. "+until+".", s.redeem(ada, "KEY-2"))
		assert.Equal(s, "The key is yours. It works for ever.", s.redeem(bob, "KEY-2"))
		assert.Equal(s, ada, s.owner("KEY-1"))
		s.server.AssertEffects(s, 2, s.given)
		assert.Empty(s, s.log.String())
	})
}

func TestANewKeyAfterTheOldOneIsOver(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.add("KEY-1", ada, s.server.Now().Add(day))
		s.add("KEY-2", "", time.Time{})
		s.server.Advance(day)
		assert.Contains(s, s.myKey(ada), "Your key is KEY-1. It ended on "+s.server.Now().Format(time.DateOnly)+".")
		assert.Equal(s, "The key is yours. It works for ever.", s.redeem(ada, "KEY-2"))
		assert.Equal(s, "Your key is KEY-2. It works for ever.", s.myKey(ada))
		assert.Equal(s, "That key does not work any more.", s.redeem(bob, "KEY-1"))
	})
}

// Whoever was barred does not get in by another key.
func TestABarredUser(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.bar("KEY-1", ada)
		s.add("KEY-2", "", time.Time{})
		assert.Equal(s, "Your key was switched off. Please write to the staff.", s.redeem(ada, "KEY-2"))
		assert.Equal(s, "Your key is KEY-1. It was switched off. Please write to the staff.", s.myKey(ada))
		s.server.AssertEffects(s, 0, s.given)
	})
}

func TestTwoUsersRedeemOneKey(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.add("KEY-1", "", time.Time{})
		s.inject(s.give, mockserver.BeforeCommit, mockserver.Latency(time.Second), 1)
		replies := map[string]int{}
		var mu sync.Mutex
		var together sync.WaitGroup
		for n := range 5 {
			together.Go(func() {
				reply := s.redeem(fmt.Sprintf("10000000000000000%d", n), "KEY-1")
				mu.Lock()
				defer mu.Unlock()
				replies[reply]++
			})
		}
		together.Wait()
		assert.Equal(s, map[string]int{"The key is yours. It works for ever.": 1, stillBusy: 4}, replies)
		s.server.AssertEffects(s, 1, s.given)
		assert.Equal(s, "You have no key. Type /redeem and the one that you have bought.", s.myKey("100000000000000009"))
	})
}

func TestOneUserTwiceAtTheSameTime(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.add("KEY-1", ada, time.Time{})
		require.True(s, s.start("KEY-1", "laptop"))
		s.inject(s.unbind, mockserver.BeforeCommit, mockserver.Latency(time.Second), 1)
		replies := make(chan string, 2)
		for range cap(replies) {
			go func() { replies <- s.reset(ada) }()
		}
		assert.ElementsMatch(s, []string{done, stillBusy}, []string{<-replies, <-replies})
		s.server.AssertEffects(s, 1, s.resetDone)
	})
}

func TestMyKey(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.add("KEY-1", bob, time.Time{})
		s.add("KEY-2", "", time.Time{})
		none := "You have no key. Type /redeem and the one that you have bought."
		assert.Equal(s, none, s.myKey(ada))
		assert.Equal(s, none, s.reset(ada))
		assert.Empty(s, s.log.String())
		assert.Equal(s, "Your key is KEY-1. It works for ever.", s.myKey(bob))
		require.True(s, s.start("KEY-1", "laptop"))
		assert.Equal(s, "Your key is KEY-1. It works for ever, and is bound to a device.", s.myKey(bob))
	})
}

// Nobody is shown a key because of a bug on our side.
func TestAUserWithoutAnID(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.add("KEY-1", bob, time.Time{})
		s.add("KEY-2", "", time.Time{})
		assert.Equal(s, ours, s.myKey(""))
		assert.Equal(s, ours, s.reset(""))
		assert.Equal(s, ours, s.redeem("", "KEY-1"))
		assert.Equal(s, ours, s.redeem("", "KEY-2"))
		_, err := s.vendor.Of(s.Context(), "")
		require.Error(s, err)
		assert.NotContains(s, s.log.String(), "KEY-")
		s.server.AssertEffects(s, 0, s.given)
	})
}

func TestReset(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.add("KEY-1", ada, time.Time{})
		unbound := "Your key is bound to no device. Just start the program on the one that you want."
		assert.Equal(s, unbound, s.reset(ada))
		require.True(s, s.start("KEY-1", "laptop"))
		require.False(s, s.start("KEY-1", "phone"))

		assert.Equal(s, done, s.reset(ada))
		require.True(s, s.start("KEY-1", "phone"))
		require.False(s, s.start("KEY-1", "laptop"))
		assert.Equal(s, "You can reset your device again in 24 hours.", s.reset(ada))
		s.server.Advance(23*time.Hour + 30*time.Second)
		assert.Equal(s, "You can reset your device again in 60 minutes.", s.reset(ada))
		s.server.AssertEffects(s, 1, s.resetDone)
		s.server.Advance(time.Hour)
		assert.Equal(s, done, s.reset(ada))
		s.server.AssertEffects(s, 2, s.resetDone)
	})
}

// LuaProt says itself when a device was reset, also by somebody else.
func TestACooldownOutlivesTheBotAtLuaProt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := atLuaProt(t)
		s.T = t
		s.restart()
		s.add("KEY-1", ada, time.Time{})
		require.True(t, s.start("KEY-1", "laptop"))
		require.NoError(t, s.vendor.Reset(t.Context(), "KEY-1"))
		require.True(t, s.start("KEY-1", "phone"))
		s.restart()
		assert.Equal(t, "You can reset your device again in 24 hours.", s.reset(ada))
	})
}

// The answer to a reset is lost, on either side of the vendor's work.
func TestALostAnswerToAReset(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]mockserver.Action{
		"reset": mockserver.ConnReset(), "failed": mockserver.Status(502), "silent": mockserver.Hang(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atEachVendor(t, func(s *stage) {
				s.add("KEY-1", ada, time.Time{})
				require.True(s, s.start("KEY-1", "laptop"))
				s.inject(s.unbind, mockserver.BeforeCommit, do, 1)
				assert.Equal(s, unclear, s.reset(ada))
				assert.Contains(s, s.log.String(), "not known whether it has worked")
				s.server.AssertEffects(s, 0, s.resetDone)

				s.inject(s.unbind, mockserver.AfterCommit, do, 1)
				assert.Equal(s, done, s.reset(ada), "the one before was no reset, and this one is found out")
				require.True(s, s.start("KEY-1", "phone"))
				assert.Contains(s, s.reset(ada), "again in 24 hours")
				s.server.AssertEffects(s, 1, s.resetDone)
			})
		})
	}
}

// Neither the reset nor what became of it is known: the user is not told otherwise.
func TestAResetOfWhichNothingIsKnown(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.add("KEY-1", ada, time.Time{})
		require.True(s, s.start("KEY-1", "laptop"))
		s.inject(s.unbind, mockserver.AfterCommit, mockserver.ConnReset(), 1)
		look := s.look
		skip := 0
		if look == luaprotmock.OpGetKeyInfo {
			skip = 1 // the one before the reset
		}
		s.server.Inject(mockserver.Fault{Op: look, Do: mockserver.Status(503), Skip: skip, Times: 3})
		assert.Equal(s, unclear, s.reset(ada))
		assert.Equal(s, "Your key is bound to no device. Just start the program on the one that you want.", s.reset(ada))
		s.server.AssertEffects(s, 1, s.resetDone)
	})
}

func TestLostAnswersToARedemption(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.add("KEY-1", "", time.Time{})
		s.inject(s.give, mockserver.BeforeCommit, mockserver.ConnReset(), 3) // as often as the client tries
		assert.Equal(s, unclear, s.redeem(ada, "KEY-1"))
		assert.Empty(s, s.owner("KEY-1"))
		s.inject(s.give, mockserver.AfterCommit, mockserver.ConnReset(), 3)
		assert.Equal(s, "The key is yours. It works for ever.", s.redeem(ada, "KEY-1"))
		assert.Equal(s, ada, s.owner("KEY-1"))
		s.server.AssertEffects(s, 1, s.given)
	})
}

func TestAVendorThatIsBusyOrDown(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]mockserver.Action{
		"limited":     mockserver.RateLimited(10 * time.Minute),
		"down":        mockserver.Status(503),
		"unreachable": mockserver.ConnReset(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atEachVendor(t, func(s *stage) {
				s.add("KEY-1", "", time.Time{})
				s.add("KEY-2", ada, time.Time{})
				outage := s.server.Inject(mockserver.Fault{Op: mockserver.AnyOp, Do: do})
				assert.Equal(s, later, s.myKey(ada))
				assert.Equal(s, later, s.reset(ada))
				assert.Equal(s, later, s.redeem(bob, "KEY-1"))
				outage.Remove()
				assert.Equal(s, "Your key is KEY-2. It works for ever.", s.myKey(ada))
			})
		})
	}
}

// What is wrong with us, the staff is told, and nobody else.
func TestAnAPIKeyThatWasRevoked(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.add("KEY-1", ada, time.Time{})
		s.revoke()
		for _, reply := range []string{s.myKey(ada), s.reset(ada), s.redeem(bob, "KEY-1")} {
			assert.Equal(s, ours, reply)
		}
		assert.Contains(s, s.log.String(), "level=ERROR")
		assert.Contains(s, s.log.String(), "401")
		assert.NotContains(s, s.log.String(), "KEY-1")
	})
}

// A hub that is not there says nothing of keys.
func TestAWrongHub(t *testing.T) {
	t.Parallel()
	s := atLuaProt(t)
	s.T = t
	client, err := luaprot.New(luaprot.Config{APIKey: s.server.LuaProt().APIKey(), HTTPClient: s.server.Client()})
	require.NoError(t, err)
	s.vendor = LuaProt{client.Hub("40511091490620200512")}
	s.restart()
	assert.Equal(t, ours, s.myKey(ada))
	assert.Equal(t, ours, s.redeem(ada, "KEY-1"))
}

// At Junkie, an account has keys for other products, and a user may have several.
func TestJunkieKeysOfManyKinds(t *testing.T) {
	t.Parallel()
	s := atJunkie(t)
	s.T = t
	s.restart()
	w := s.server.Junkie()
	w.AddKey(junkiemock.Key{Value: "OTHER", ProviderID: w.AddProvider("other").ID, DiscordID: ada})
	assert.Equal(t, "You have no key. Type /redeem and the one that you have bought.", s.myKey(ada))
	assert.Equal(t, "There is no such key. Is it typed correctly?", s.redeem(bob, "OTHER"))

	s.add("OVER", ada, s.server.Now().Add(-day))
	assert.Contains(t, s.myKey(ada), "Your key is OVER.")
	s.bar("BARRED", ada)
	s.server.Advance(time.Second)
	s.add("OVER-TOO", ada, s.server.Now().Add(-day))
	assert.Contains(t, s.myKey(ada), "Your key is BARRED.")
	s.add("GOOD", ada, time.Time{})
	s.server.Advance(time.Second)
	s.add("NEW-BUT-OVER", ada, s.server.Now().Add(-day))
	assert.Contains(t, s.myKey(ada), "Your key is GOOD.")
}

func TestWhatIsSaidOfAKey(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)
	bot := &Bot{Now: func() time.Time { return now }}
	for want, license := range map[string]License{
		"It works for ever.":                                                    {},
		"It works until 2026-01-02.":                                            {ExpiresAt: now.Add(day)},
		"It ended on 2026-01-01.":                                               {ExpiresAt: now},
		"It works for 30 days from its first use on.":                           {Runs: 30 * day},
		"It works for ever, and is bound to 2 devices.":                         {Devices: make([]Device, 2)},
		"It was switched off. Please write to the staff.":                       {Barred: true, ExpiresAt: now},
		"It works for 2 hours from its first use on, and is bound to a device.": {Runs: 2 * time.Hour, Devices: make([]Device, 1)},
	} {
		assert.Equal(t, want, bot.describe(license))
	}
	for d, want := range map[time.Duration]string{
		time.Millisecond: "1 minute", time.Minute: "1 minute", time.Minute + 1: "2 minutes", 89 * time.Minute: "89 minutes",
		90 * time.Minute: "2 hours", 24 * time.Hour: "24 hours", 36 * time.Hour: "2 days", 30 * day: "30 days",
	} {
		assert.Equal(t, want, span(d))
	}
}

func TestWhetherDevicesWereReset(t *testing.T) {
	t.Parallel()
	then := time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)
	old := Device{"laptop", then}
	for name, c := range map[string]struct {
		now  License
		want bool
	}{
		"nothing is bound":               {License{}, true},
		"another device is bound":        {License{Devices: []Device{{"phone", then}}}, true},
		"the same is bound again":        {License{Devices: []Device{{"laptop", then.Add(time.Second)}}}, true},
		"the same, and it was counted":   {License{Devices: []Device{old}, Resets: 4}, true},
		"the same":                       {License{Devices: []Device{old}, Resets: 3}, false},
		"the same in another time zone":  {License{Devices: []Device{{"laptop", then.In(time.FixedZone("", 3600))}}}, false},
		"the same beside another device": {License{Devices: []Device{{"phone", then}, old}}, false},
	} {
		assert.Equal(t, c.want, c.now.resetSince(License{Devices: []Device{old}, Resets: 3}), name)
	}
}

// The README shows what the program prints, and its Go is that of the program.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, conversation(t.Context(), &out))
	_, shown, found := strings.Cut(string(readme), "```text\n")
	require.True(t, found)
	shown, _, _ = strings.Cut(shown, "```")
	assert.Equal(t, shown, out.String())

	var source string
	for _, name := range []string{"bot.go", "main.go"} {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		source += string(content)
	}
	blocks := strings.Split(string(readme), "```go\n")[1:]
	require.Len(t, blocks, 2)
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		for line := range strings.Lines(block) {
			assert.Contains(t, source, strings.TrimSpace(line))
		}
	}
}
