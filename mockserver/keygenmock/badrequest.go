package keygenmock

// badRequest is a refusal with status 400: the only error of the answer, save
// for its title, which is the same for all of them.
type badRequest struct {
	detail, code string

	pointer, parameter, header string // the error's source: at most one of them
	about                      string // links.about
	early                      bool   // refused before the API proper, which adds meta, Keygen-* headers and a signature
}
