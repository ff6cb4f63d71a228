// Times IT++ at the works of our own bench, in seconds of processor time; lines of JSON, one a work.
//
//   itpp_bench SAMPLE_RATE_HZ MAX_DOPPLER_HZ < "delay_s power_db" lines
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <itpp/itcomm.h>

using itpp::cvec;

// The best rate of calls over about two seconds, in samples a second.
static double rate(int samples, const std::function<void()> &work)
{
  work();
  double best = 1e300;
  const clock_t begin = clock();
  do {
    const clock_t now = clock();
    work();
    best = std::min(best, double(clock() - now) / CLOCKS_PER_SEC);
  } while (clock() - begin < 2 * CLOCKS_PER_SEC);
  return samples / best;
}

static void print(const char *work, const char *how, double samples_a_second)
{
  printf("{\"work\": \"%s\", \"peer\": \"IT++\", \"how\": \"%s\", \"rate\": %.6g}\n", work, how, samples_a_second);
  fflush(stdout);
}

int main(int count, char **words)
{
  if (count != 3) {
    fprintf(stderr, "itpp_bench: expected SAMPLE_RATE_HZ MAX_DOPPLER_HZ\n");
    return 2;
  }
  const double step_s = 1 / atof(words[1]), doppler = atof(words[2]) * step_s;
  std::string delays, powers;
  for (std::string delay, power; std::cin >> delay >> power;) {
    delays += delay + " ";
    powers += power + " ";
  }
  const int samples = 30720;
  const cvec signal = itpp::randn_c(samples);
  cvec heard;

  const itpp::Channel_Specification profile{itpp::vec(powers), itpp::vec(delays)};
  const itpp::CORRELATED_METHOD methods[2] = {itpp::Rice_MEDS, itpp::FIR};
  const char *names[2] = {"16 sinusoids, its default", "filtered noise, straight lines over 0.1/f_D"};
  for (int m = 0; m < 2; m++) {
    itpp::TDL_Channel channel(profile, step_s);
    channel.set_fading_type(itpp::Correlated);
    channel.set_norm_doppler(doppler);
    channel.set_correlated_method(methods[m]);
    print("rounded", names[m], rate(samples, [&] { channel.filter(signal, heard); }));
  }
  itpp::Rice_Fading_Generator sinusoids(doppler);
  print("flat", names[0], rate(samples, [&] {
          sinusoids.generate(samples, heard);
          heard = itpp::elem_mult(heard, signal);
        }));
  itpp::FIR_Fading_Generator filtered(doppler);
  print("flat", names[1], rate(samples, [&] {
          filtered.generate(samples, heard);
          heard = itpp::elem_mult(heard, signal);
        }));
  print("noise", "randn_c", rate(samples, [&] { heard = itpp::randn_c(samples); }));

  itpp::OFDM modem(1024, 72);
  const cvec grid = itpp::randn_c(14 * 1024);
  print("ofdm", "OFDM", rate(14 * 1096, [&] { heard = modem.demodulate(modem.modulate(grid)); }));
  return 0;
}
