import { createContext, useContext } from 'react';
import { SteptraceDataSource } from '../../datasource/datasource';

// The data source that the pages ask.
const SourceContext = createContext<SteptraceDataSource | undefined>(undefined);

export const SourceProvider = SourceContext.Provider;

export function useSource(): SteptraceDataSource {
  const source = useContext(SourceContext);
  if (!source) {
    throw new Error('a page without SourceProvider');
  }
  return source;
}
