package keygenmock

import (
	"net/http"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// onlyAccount stands for the account in the path of a request that names none.
const onlyAccount = "-"

// Canonical turns the forms in which the vendor takes a request into the one of
// the table of operations: HEAD is GET and PUT is PATCH; a slash at the end and
// the name of a format are no part of the path; and a path may lack the account,
// as it does on a server with a single one.
func (v *vendor) Canonical(method, path string) (string, string) {
	switch method {
	case http.MethodHead:
		method = http.MethodGet
	case http.MethodPut:
		method = http.MethodPatch
	}
	path = strings.TrimSuffix(path, "/")
	if rest, found := strings.CutPrefix(path, root+"/"); found && !namesAccount(path) {
		path = root + "/accounts/" + onlyAccount + "/" + rest
	}
	path, _ = cutFormat(path)
	return method, path
}

// cutFormat cuts the name of a format off the end of a path.
func cutFormat(path string) (rest, format string) {
	last := strings.LastIndexByte(path, '/') + 1
	dot := strings.LastIndexByte(path[last:], '.')
	if dot <= 0 || takesDots(path) {
		return path, ""
	}
	return path[:last+dot], path[last+dot+1:]
}

func namesAccount(path string) bool {
	return path == root+"/accounts" || strings.HasPrefix(path, root+"/accounts/")
}

// takesDots reports whether the last segment of a path is a license's key, which
// may have dots.
func takesDots(path string) bool {
	segments := strings.Split(path, "/")
	return len(segments) > 2 && segments[len(segments)-2] == "licenses"
}

// verbs are the methods that the vendor's framework has heard of.
var verbs = []string{
	"ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "CONNECT", "COPY", "DELETE", "GET", "HEAD", "LABEL", "LINK", "LOCK",
	"MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "OPTIONS", "ORDERPATCH", "PATCH", "POST",
	"PRI", "PROPFIND", "PROPPATCH", "PUT", "REBIND", "REPORT", "SEARCH", "TRACE", "UNBIND", "UNCHECKOUT", "UNLINK", "UNLOCK",
	"UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
}

var errVerb = (&badRequest{detail: "The HTTP method for the request is not valid", code: "HTTP_METHOD_INVALID", early: true}).failure()

func (c *call) checkVerb() *failure {
	if slices.Contains(verbs, c.req.Method) {
		return nil
	}
	c.Decided(ruleRouteVerb)
	return errVerb
}

// route finds the operation of a request.
func (c *call) route() *failure {
	op := operationOf[c.req.Op]
	if op == nil || c.hasStrayDot() {
		c.Decided(ruleRouteUnknown)
		if len(c.req.Allow) > 0 {
			c.Decided(ruleRouteMethod)
		}
		if !c.accepts() {
			c.Decided(ruleRouteHTML)
			return &failure{status: http.StatusNotFound, page: "Not Found"}
		}
		return errNoRoute
	}
	c.op = op
	if c.req.Method != c.op.Method {
		c.Decided(ruleRouteAlias)
	}
	if strings.HasSuffix(c.req.Path, "/") {
		c.Decided(ruleRouteSlash)
	}
	return nil
}

// hasStrayDot reports whether a segment before the last has a dot: the vendor's
// routes know dots as the beginning of a format only.
func (c *call) hasStrayDot() bool {
	segments := strings.Split(strings.Trim(c.req.Path, "/"), "/")
	return slices.ContainsFunc(segments[:len(segments)-1], func(s string) bool { return strings.Contains(s, ".") })
}

// checkFormat refuses a path that ends in another format than JSON.
func (c *call) checkFormat() *failure {
	switch _, format := cutFormat(strings.TrimSuffix(c.req.Path, "/")); format {
	case "", "json", "jsonapi":
		return nil
	}
	c.Decided(ruleRouteFormat)
	return mimeRefused(c.Turn).failure()
}

// Preflights reports whether a browser asks what it may send.
func (v *vendor) Preflights(req *core.Request) bool {
	return req.Method == http.MethodOptions && req.Header.Get("Origin") != "" && req.Header.Get("Access-Control-Request-Method") != ""
}

func (c *call) preflight() core.Answer {
	c.Decided(ruleCORSPreflight)
	answer := core.Answer{Status: http.StatusOK, Header: http.Header{}}
	allowOrigin(answer.Header)
	answer.Header.Set("Access-Control-Allow-Headers", c.req.Header.Get("Access-Control-Request-Headers"))
	return answer
}
