import { locationService } from '@grafana/runtime';
import { useEffect, useState } from 'react';

// The address as it changes.
export function useAddress() {
  const [location, setLocation] = useState(locationService.getLocation());
  useEffect(() => locationService.getHistory().listen((next: typeof location) => setLocation(next)), []);
  return location;
}
