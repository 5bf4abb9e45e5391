package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exported are the variables that a program run by exec finds besides those that
// were there: what Endpoint.Environ documents, and nothing else.
var exported = []string{
	"JUNKIE_API_KEY", "JUNKIE_BASE_URL", "KEYCRATE_API_KEY", "KEYCRATE_APP_ID", "KEYCRATE_BASE_URL",
	"KEYGEN_ACCOUNT", "KEYGEN_BASE_URL", "KEYGEN_PUBLIC_KEY", "KEYGEN_TOKEN", "LUAPROT_API_KEY", "LUAPROT_BASE_URL",
	"MOCKSERVER_ADMIN_TOKEN", "MOCKSERVER_ADMIN_URL", "MOCKSERVER_URL",
}

// What exec tells its program is in that program's environment alone: no log has a
// credential.
func TestCanaryOfExec(t *testing.T) {
	t.Parallel()
	const token = "token-of-the-canary"
	p := running(t, []string{"--admin-token", token, "--log-level=debug", "--strict", "--fault=op=*,action=hang,skip=9"}, "environ")
	p.cmd.Env = append(p.cmd.Env, "MANY_LINES=one\nfalse=two") // as a shell's exported functions have
	before := strings.Join(p.cmd.Env, "\n") + "\n"
	code, said := p.start(t, 0).end(t)
	require.Equal(t, exitStrict, code)
	var names, credentials []string
	for line := range strings.Lines(said) {
		name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if !found || strings.Contains("\n"+before, "\n"+line) {
			continue
		}
		names = append(names, name)
		if !strings.HasSuffix(name, "_URL") {
			credentials = append(credentials, value)
		}
	}
	slices.Sort(names)
	assert.Equal(t, exported, names)
	assert.Contains(t, p.stderr.String(), "msg=control", "the log")
	assert.Contains(t, p.stderr.String(), "never fired")
	assert.Contains(t, credentials, token)
	for _, credential := range credentials {
		assert.NotContains(t, p.stderr.String(), credential)
	}
}

// Neither help nor the complaint about something else shows what a flag or its
// variable holds that nobody is to see, wherever a slip of the pen has put it.
func TestCanaryOfTheCommandLine(t *testing.T) {
	t.Parallel()
	const secret = "4f1c9a02-canary-5e9d"
	seed := func(name, text string) string {
		path := filepath.Join(folder(t), name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	for name, c := range map[string]struct {
		environ, args []string
		code          int
	}{
		"help":                {[]string{"MOCKSERVER_ADMIN_TOKEN=" + secret}, []string{"--help"}, 0},
		"help of exec":        {[]string{"MOCKSERVER_ADMIN_TOKEN=" + secret}, []string{"exec", "--help"}, 0},
		"help of health":      {[]string{"MOCKSERVER_ADMIN_TOKEN=" + secret}, []string{"health", "--help"}, 0},
		"version":             {nil, []string{"--admin-token", secret, "--version"}, 0},
		"another flag":        {[]string{"MOCKSERVER_ADMIN_TOKEN=" + secret}, []string{"--journal=many"}, exitUsage},
		"short":               {nil, []string{"--admin-token", secret[:15]}, exitUsage},
		"short variable":      {[]string{"MOCKSERVER_ADMIN_TOKEN=" + secret[:15]}, nil, exitUsage},
		"blanks":              {nil, []string{"--admin-token", secret + " " + secret}, exitUsage},
		"misspelt":            {nil, []string{"--admin-tokem=" + secret}, exitUsage},
		"misspelt apart":      {nil, []string{"--admin-tokem", secret}, exitUsage},
		"like a flag":         {nil, []string{"--admin-token", "--" + secret}, exitUsage},
		"an address":          {nil, []string{"--listen", "0.0.0.0:0", "--time=now", "--admin-token", secret}, exitUsage},
		"health elsewhere":    {nil, []string{"health", "--url", "http://127.0.0.1:1", "--admin-token", secret}, exitFailed},
		"health of a user":    {nil, []string{"health", "--url", "http://" + secret + ":" + secret + "@127.0.0.1:1"}, exitFailed},
		"health of no URL":    {nil, []string{"health", "--url", "http://" + secret + ":" + secret + "@127.0.0.1:x"}, exitFailed},
		"health of no header": {nil, []string{"health", "--url", "http://127.0.0.1:1", "--admin-token", secret + "\n"}, exitFailed},

		"fault":            {nil, []string{"--fault", "op=junkie.createkey,action=status,status=500,body=" + secret}, exitUsage},
		"fault in the way": {nil, []string{"--fault", "op=*,action=status,status=500,body=a," + secret + ",times=1"}, exitUsage},
		"fault as JSON":    {nil, []string{"--fault", `{"op":"*","action":"hang","body":"` + secret + `"}`}, exitUsage},
		"fault in parts":   {nil, []string{"--fault", `{"op":"*","action":"status","status":500,"body":{"key":"` + secret + `"}}`}, exitUsage},
		"fault cut off":    {nil, []string{"--fault", `{"op":"*","action":"status","body":"` + secret}, exitUsage},
		"fault of a line":  {[]string{"MOCKSERVER_FAULT=op=*,action=hung,body=" + secret}, nil, exitUsage},

		"seed, wrong type":  {nil, []string{"--seed", seed("a.yaml", "keycrate:\n  licenses:\n  - key: ["+secret+"]\n")}, exitUsage},
		"seed, taken":       {nil, []string{"--seed", seed("b.yaml", "junkie:\n  providers: [{name: shop}]\n  keys: [{provider: shop, value: "+secret+"}, {provider: shop, value: "+secret+"}]\n")}, exitUsage},
		"seed, no YAML":     {nil, []string{"--seed", seed("c.yaml", "junkie:\n  keys:\n  - value: \""+secret+"\n")}, exitUsage},
		"seed, bad indent":  {nil, []string{"--seed", seed("d.yaml", "junkie:\n  keys:\n - "+secret+": x\n")}, exitUsage},
		"seed, no JSON":     {nil, []string{"--seed", seed("e.json", `{"junkie":{"keys":[{"value":"`+secret+`"`)}, exitUsage},
		"seed, wrong place": {nil, []string{"--seed", seed("f.json", `{"keycrate":{"licenses":"`+secret+`"}}`)}, exitUsage},
		"seed, tagged":      {nil, []string{"--seed", seed("g.yaml", "luaprot:\n  keys:\n  - key: !!int "+secret+"\n")}, exitUsage},
		"seed, aliased":     {nil, []string{"--seed", seed("h.yaml", "luaprot:\n  keys:\n  - key: *"+secret+"\n")}, exitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := play(c.environ, c.args)
			assert.Equal(t, c.code, r.code, r.stderr)
			assert.NotEmpty(t, r.stdout+r.stderr)
			assert.NotContains(t, r.stdout+r.stderr, secret[:15])
		})
	}
}
