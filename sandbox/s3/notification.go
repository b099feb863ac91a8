package s3

import (
	"encoding/xml"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// notificationConfiguration is a bucket's: only EventBridge is a destination here.
type notificationConfiguration struct {
	XMLName     xml.Name  `xml:"NotificationConfiguration"`
	Xmlns       string    `xml:"xmlns,attr,omitempty"`
	EventBridge *struct{} `xml:"EventBridgeConfiguration"`
	Topics      []element `xml:"TopicConfiguration"`
	Queues      []element `xml:"QueueConfiguration"`
	Functions   []element `xml:"CloudFunctionConfiguration"`
}

type element struct {
	Inner string `xml:",innerxml"`
}

func (s *Service) putNotification(w http.ResponseWriter, r *http.Request, bucket string) error {
	body, err := awswire.Body(r)
	if err != nil {
		return err
	}
	var in notificationConfiguration
	if err := xml.Unmarshal(body, &in); err != nil {
		return awswire.Errorf("MalformedXML", "The XML you provided was not well-formed: %v", err)
	}
	if len(in.Topics)+len(in.Queues)+len(in.Functions) > 0 {
		return awswire.Errorf("InvalidArgument",
			"The sandbox notifies EventBridge only: give EventBridgeConfiguration and a rule")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.eventBridge[bucket] = in.EventBridge != nil
	w.WriteHeader(http.StatusOK)
	return nil
}

func (s *Service) getNotification(w http.ResponseWriter, bucket string) {
	out := notificationConfiguration{Xmlns: namespace}
	if s.notifies(bucket) {
		out.EventBridge = &struct{}{}
	}
	writeXML(w, http.StatusOK, out)
}

// notifies tells whether the bucket publishes its own events ("Object Created") on the bus.
func (s *Service) notifies(bucket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.eventBridge[bucket]
}
