package embedded

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
)

// authenticate finds who sent a request: HTTP basic authentication, ClickHouse's headers, or URL parameters.
func authenticate(users []User, r *http.Request, v url.Values) (User, error) {
	name, password := credentials(r, v)
	for _, u := range users {
		if u.Name == name && samePassword(u.Password, password) {
			return u, nil
		}
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
