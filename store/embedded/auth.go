package embedded

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// authenticate finds who sent a request: HTTP basic authentication, ClickHouse's headers, or URL parameters.
func authenticate(users []User, r *http.Request, v url.Values) (User, error) {
	name, password := credentials(r, v)
	for _, u := range users {
		if u.Name != name || !samePassword(u.Password, password) {
			continue
		}
		if u.Password == "" && fromWebPage(r) {
			return User{}, exceptionf(codeAuthenticationFailed,
				"Web pages may use the store only with a password: give user %s one. (AUTHENTICATION_FAILED)", name)
		}
		return u, nil
	}
	return User{}, exceptionf(codeAuthenticationFailed,
		"%s: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)", name)
}

func credentials(r *http.Request, v url.Values) (name, password string) {
	name, password, ok := r.BasicAuth()
	if !ok {
		name, password = r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key")
	}
	if name == "" && password == "" {
		name, password = v.Get("user"), v.Get("password")
	}
	return either(name, DefaultUser), password
}

// samePassword compares in a time that tells neither the content nor the length.
func samePassword(want, got string) bool {
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(got))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// fromWebPage reports whether a browser sent the request on behalf of a page. Any page in the world can make it do so,
// and to loopback too, also by a name of its own that it lets point there.
func fromWebPage(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Header.Get("Origin") != "" || site != "" && site != "none" || !namesAddress(r.Host)
}

// namesAddress reports whether a Host header is localhost or an IP address, with or without a port.
func namesAddress(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host == "localhost" || net.ParseIP(strings.Trim(host, "[]")) != nil
}
