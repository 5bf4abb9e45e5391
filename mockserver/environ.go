package mockserver

import "github.com/keysmith-go/keysmith/mockserver/keygenmock"

// Environ returns what a program must know to use the endpoint, each in the form
// "NAME=value", as [os/exec.Cmd] takes it:
//
//	MOCKSERVER_URL          the endpoint
//	MOCKSERVER_ADMIN_URL    its control plane
//	MOCKSERVER_ADMIN_TOKEN  where that asks for one
//	JUNKIE_BASE_URL, JUNKIE_API_KEY
//	KEYCRATE_BASE_URL, KEYCRATE_API_KEY, KEYCRATE_APP_ID
//	KEYGEN_BASE_URL, KEYGEN_ACCOUNT, KEYGEN_TOKEN, KEYGEN_PUBLIC_KEY
//	LUAPROT_BASE_URL, LUAPROT_API_KEY
//
// The base URLs are what the clients of this module take as such. The
// credentials are those of the accounts that every server has from the start.
// The public key is that for Ed25519; answers are signed with dates of the
// server's clock, so that a client must not compare them with another one.
func (e *Endpoint) Environ() []string {
	s := e.s
	list := []string{
		"MOCKSERVER_URL=" + e.URL,
		"MOCKSERVER_ADMIN_URL=" + e.URL + adminRoot,
	}
	if s.made.token != "" {
		list = append(list, "MOCKSERVER_ADMIN_TOKEN="+s.made.token)
	}
	return append(list,
		"JUNKIE_BASE_URL="+e.Junkie(),
		"JUNKIE_API_KEY="+s.Junkie().APIKey(),
		"KEYCRATE_BASE_URL="+e.Keycrate(),
		"KEYCRATE_API_KEY="+s.Keycrate().APIKey(),
		"KEYCRATE_APP_ID="+s.Keycrate().AppID(),
		"KEYGEN_BASE_URL="+e.Keygen(),
		"KEYGEN_ACCOUNT="+s.Keygen().Account(),
		"KEYGEN_TOKEN="+s.Keygen().Token(),
		"KEYGEN_PUBLIC_KEY="+s.Keygen().PublicKey(keygenmock.Ed25519),
		"LUAPROT_BASE_URL="+e.LuaProt(),
		"LUAPROT_API_KEY="+s.LuaProt().APIKey(),
	)
}
